/** What a route answers: its output with the headers that come along, and its problems, as shared components. */
import type { ErrorCode } from './errors.ts';
import type { Answer, Header, MediaType, Reference } from './openapi-document.ts';
import type { Schemas } from './openapi-schemas.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, problem, problemType } from './problem.ts';
import { mediaTypesOf, type Route } from './route.ts';

const text = { type: 'string' };
const seconds = { type: 'integer', minimum: 0 };

/** Key: the component's name, the header's own. */
export const ANSWER_HEADERS = {
  ETag: { description: 'The version, for `If-Match`.', schema: { type: 'string', examples: ['"3"'] } },
  Location: { description: 'Where it is now.', schema: { type: 'string', format: 'uri-reference' } },
  Link: { description: 'The next page: `rel="next"`; absent on the last one.', schema: text },
  'Retry-After': { description: 'Seconds to wait before the next try.', schema: seconds },
  'WWW-Authenticate': { description: 'Bearer, with what is wrong with the token.', schema: text },
} as const satisfies Record<string, Header>;

const withHeaders = (names: readonly (keyof typeof ANSWER_HEADERS)[]) =>
  names.length === 0
    ? {}
    : {
        headers: Object.fromEntries(
          names.map((name): [string, Reference] => [name, { $ref: `#/components/headers/${name}` }]),
        ),
      };

/** Whether this answers the state of something that can be changed under `If-Match`, and so its version. */
function isVersioned(route: Route, all: readonly Route[]): boolean {
  const thing = route.method === 'POST' ? `${route.path}/{id}` : route.path;
  return route.output !== undefined && all.some(({ path, ifMatch }) => path === thing && ifMatch !== 'none');
}

/** A `PUT` that makes what wasn't there says 201; what leaves nothing to do later says 204. */
const statusesOf = ({ method, status, orDone }: Route): Route['status'][] => [
  status,
  ...(method === 'PUT' ? ([201] as const) : []),
  ...(orDone ? ([204] as const) : []),
];

const WORDS: Readonly<Record<Route['status'], string>> = {
  200: 'What was asked for.',
  201: 'It was created.',
  202: 'It will be done.',
  204: 'It was done.',
};

export function successOf(schemas: Schemas, route: Route, all: readonly Route[]): Record<string, Answer> {
  const { output } = route;
  const content = mediaTypesOf(route).map((type): [string, MediaType] => [
    type,
    { schema: output && type === 'application/json' ? schemas.of(output, 'output') : text },
  ]);
  const answer = (status: Route['status']): Answer => ({
    description: WORDS[status],
    ...withHeaders([
      ...(isVersioned(route, all) ? (['ETag'] as const) : []),
      ...((route.method === 'POST' && status === 201) || status === 202 ? (['Location'] as const) : []),
      ...('cursor' in route.query.shape ? (['Link'] as const) : []),
    ]),
    ...(content.length > 0 && status !== 204 ? { content: Object.fromEntries(content) } : {}),
  });
  const redirect: Answer = { description: 'Where it is.', ...withHeaders(['Location']) };
  return Object.fromEntries([
    ...statusesOf(route).map((status): [string, Answer] => [String(status), answer(status)]),
    ...(route.redirectsTo ? [['302', redirect] as const] : []),
  ]);
}

/** Every route may answer some of these; the rest a route names itself. */
function problemCodes(route: Route): ErrorCode[] {
  return [
    ...new Set<ErrorCode>([
      'validation',
      ...(route.access === 'public' ? [] : (['invalid-token', 'forbidden'] as const)),
      ...(route.body ? (['too-large', 'unsupported-media-type'] as const) : []),
      ...(route.method === 'POST' && route.access !== 'connector'
        ? (['in-flight', 'idempotency-mismatch'] as const)
        : []),
      ...(mediaTypesOf(route).length > 1 || route.redirectsTo ? (['not-acceptable'] as const) : []),
      ...route.problems,
      'too-many-requests',
      'internal',
      'unavailable',
    ]),
  ];
}

const pascal = (code: string) => code.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const HEADERS_OF: Partial<Record<ErrorCode, readonly (keyof typeof ANSWER_HEADERS)[]>> = {
  'invalid-token': ['WWW-Authenticate'],
  'too-many-requests': ['Retry-After'],
  unavailable: ['Retry-After'],
};

function problemAnswer(schemas: Schemas, codes: readonly ErrorCode[]): Answer {
  const words = codes.map((code) => `${PROBLEMS[code].title} (\`${problemType(code)}\`).`);
  return {
    description: words.join(' '),
    ...withHeaders(codes.flatMap((code) => HEADERS_OF[code] ?? [])),
    content: { [PROBLEM_MEDIA_TYPE]: { schema: schemas.of(problem, 'output') } },
  };
}

/** Problems by status, each a reference to a component; what is new among those is put into `components`. */
export function problemsOf(schemas: Schemas, route: Route, components: Map<string, Answer>): Record<string, Reference> {
  const byStatus = Map.groupBy(problemCodes(route).sort(), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => {
        const name = codes.map(pascal).join('Or');
        components.set(name, problemAnswer(schemas, codes));
        return [status, { $ref: `#/components/responses/${name}` }];
      }),
  );
}
