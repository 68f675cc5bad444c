/** The CDK app: what `npx cdk deploy --all` puts into an AWS account. Synthesis is pure: no AWS call, no clock, no network. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { readSettings } from './settings.ts';
import { OpsStack } from './stacks/ops-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import { StateStack } from './stacks/state-stack.ts';

const app = new App({ analyticsReporting: false });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));

const settings = readSettings(app.node);
const state = new StateStack(app, 'Custodia-State', { settings });
const service = new ServiceStack(app, 'Custodia-Service', { settings, state });
new OpsStack(app, 'Custodia-Ops', { settings, state, service });
app.synth();
