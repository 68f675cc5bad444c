/**
 * The rules engine: each message meets the rules whose filter it matches; each rule selects from it and runs its actions. As on
 * AWS, when actions fail the error action runs once, a statement that fails isn't covered by it, and the publisher notices
 * neither.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../contract.ts';
import { topicMatches } from '../broker/topics.ts';
import type { Statement } from './sql.ts';

interface RuleMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly clientId?: string;
  readonly principal?: string;
}
export interface RuleAction {
  /** As AWS names it in error documents: `SqsAction`. */
  readonly name: string;
  readonly resource: string;
  readonly run: (output: Buffer) => Promise<void>;
}
interface Rule {
  readonly name: string;
  readonly statement: Statement;
  readonly actions: readonly RuleAction[];
  readonly errorAction: RuleAction | undefined;
}
export interface RuleEngine {
  put(rule: Rule): void;
  /** Returns when every action has ended; answers whether each message found its way, be it by the error action. */
  dispatch(message: RuleMessage): Promise<boolean>;
  /** Basic Ingest: one rule alone, whatever its filter. */
  dispatchTo(rule: string, message: RuleMessage): Promise<boolean>;
}

interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

export function createRuleEngine({ clock, log }: { clock: Clock; log: (message: string) => void }): RuleEngine {
  const rules = new Map<string, Rule>();

  async function run(rule: Rule, message: RuleMessage, traceId: string): Promise<boolean> {
    let output: Buffer;
    try {
      output = rule.statement.select({
        clientId: undefined,
        principal: undefined,
        ...message,
        timestamp: clock.now(),
        traceId,
      });
    } catch {
      log(`rule ${rule.name} could not read a message (trace ${traceId})`);
      return true;
    }
    const failures = (await Promise.all(rule.actions.map((action) => attempt(action, output)))).filter(
      (failure) => failure !== undefined,
    );
    return failures.length === 0 || reportFailure(rule, message, traceId, failures);
  }

  async function reportFailure(rule: Rule, message: RuleMessage, traceId: string, failures: readonly Failure[]) {
    const what = failures.map(({ failedResource, errorMessage }) => `${failedResource}: ${errorMessage}`).join('; ');
    log(`rule ${rule.name} failed (trace ${traceId}): ${what}`);
    if (!rule.errorAction) return false;
    const document = {
      ruleName: rule.name,
      topic: message.topic,
      cloudwatchTraceId: traceId,
      clientId: message.clientId ?? 'n/a',
      base64OriginalPayload: message.payload.toString('base64'),
      failures,
    };
    const failure = await attempt(rule.errorAction, Buffer.from(JSON.stringify(document)));
    if (failure) log(`rule ${rule.name} lost a message (trace ${traceId}): ${failure.errorMessage}`);
    return failure === undefined;
  }

  return {
    put: (rule) => void rules.set(rule.name, rule),
    async dispatch(message) {
      const traceId = randomUUID();
      const matching = [...rules.values()].filter(({ statement }) => topicMatches(statement.filter, message.topic));
      const results = await Promise.all(matching.map((rule) => run(rule, message, traceId)));
      return results.every(Boolean);
    },
    async dispatchTo(name, message) {
      const rule = rules.get(name);
      if (rule) return run(rule, message, randomUUID());
      log(`a message was dropped: there is no rule ${name}`);
      return true;
    },
  };
}

async function attempt(action: RuleAction, output: Buffer): Promise<Failure | undefined> {
  try {
    await action.run(output);
    return undefined;
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    return { failedAction: action.name, failedResource: action.resource, errorMessage };
  }
}
