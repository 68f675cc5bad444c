/** How a handler becomes one file; apart from the function that ships it, so that whoever measures bundles makes the same ones. */
import { type BundlingOptions, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * Where else the SDK would look for credentials. Lambda puts them in the environment, which is looked at first; the rest is loaded
 * on demand only, and would bring clients of STS, SSO and sign-in into every bundle: a quarter of its size.
 */
const CREDENTIALS_FROM_ELSEWHERE = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

export const BUNDLING = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  bundleAwsSDK: true,
  externalModules: CREDENTIALS_FROM_ELSEWHERE,
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
} satisfies BundlingOptions;
