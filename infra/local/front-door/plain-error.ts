import type { AwsError, AwsResponse } from '../contract.ts';

/** An error before a service is known to answer it, in the protocol that the request seems to speak. */
export function plainError(error: AwsError, contentType: string | undefined, signingName?: string): AwsResponse {
  if (signingName === 's3') return xml(error.status, `<Error>${members(error)}</Error>`);
  if (contentType?.startsWith('application/x-www-form-urlencoded')) return queryError(error);
  return {
    status: error.status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}

/** The query protocol's error, as STS answers it. */
export function queryError(error: AwsError): AwsResponse {
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  return xml(
    error.status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type>${members(error)}</Error></ErrorResponse>`,
  );
}

const members = ({ code, message }: AwsError): string =>
  `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;

const xml = (status: number, body: string): AwsResponse => ({ status, headers: { 'content-type': 'text/xml' }, body });

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
