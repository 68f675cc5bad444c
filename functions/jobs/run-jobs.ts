/** Rung by whoever starts a job, then by Lambda again and again until the job is over: a durable function, started by version. */

import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { accountSessions } from '../../shared/identity/account-sessions.ts';
import { waitingMessages } from '../../shared/ingest/waiting-messages.ts';
import { durable } from '../../shared/job/durable.ts';
import { startExecution } from '../../shared/job/job-event.ts';
import { jobKinds } from '../../shared/job/job-kinds.ts';
import { runJob } from '../../shared/job/run-job.ts';
import { storesOf } from '../../shared/platform/account-session.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { jobsEnv, readEnv } from '../../shared/platform/env.ts';
import { newId } from '../../shared/platform/ids.ts';
import { callProvisioner } from '../../shared/provisioning/call-provisioner.ts';
import { provisionerAnswer } from '../../shared/provisioning/provisioner-protocol.ts';

const env = readEnv(jobsEnv);
const lambda = new LambdaClient({});
const now = Date.now;
const run = runJob({
  kinds: jobKinds({
    provision: callProvisioner(callFunction(lambda, env.PROVISIONER_FUNCTION, provisionerAnswer)),
    newId,
    waitingMessages: waitingMessages(new SQSClient({}), env.INGEST_QUEUE),
  }),
  openSession: accountSessions({
    lambda,
    brokerFunction: env.BROKER_FUNCTION,
    stores: storesOf(env),
    now,
  }),
  startExecution: startExecution(lambda),
  now,
});

export const handler = withDurableExecution((event: unknown, context: DurableContext) => run(event, durable(context)));
