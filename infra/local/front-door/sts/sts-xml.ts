import { randomUUID } from 'node:crypto';
import type { AwsResponse } from '../../contract.ts';
import { escapeXml } from '../plain-error.ts';

interface Members {
  readonly [name: string]: string | Members;
}

const render = (members: Members): string =>
  Object.entries(members)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? escapeXml(value) : render(value)}</${name}>`)
    .join('');

export const stsResponse = (action: string, result: Members): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body:
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
    render({ [`${action}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } }) +
    `</${action}Response>`,
});
