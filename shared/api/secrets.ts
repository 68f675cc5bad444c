/** Answers without what is shown once, for the idempotency record. */
import type { HttpAnswer } from './http-event.ts';

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function without(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (!isTree(value) || name === undefined || !(name in value)) return value;
  const { [name]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [name]: without(inner, rest) };
}

/** `secrets` are dotted paths into the answer's body. */
export function withoutSecrets(answer: HttpAnswer, secrets: readonly string[]): HttpAnswer {
  if (secrets.length === 0) return answer;
  const body = secrets.reduce<unknown>((tree, path) => without(tree, path.split('.')), JSON.parse(answer.body));
  return { ...answer, body: JSON.stringify(body) };
}
