/**
 * Which route a request takes, in API Gateway's order: a full match, then one with a greedy `{proxy+}`, then `$default`. Among full
 * matches a literal segment beats a parameter, and a route of the very method beats `ANY`.
 */
export interface RouteKey {
  /** As in the template: `GET /pets/{id}`, `$default`. */
  readonly text: string;
  /** `ANY` for any; absent for `$default`. */
  readonly method?: string;
  readonly segments: readonly string[];
}

export interface Selected<R> {
  readonly route: R;
  readonly parameters: Readonly<Record<string, string>>;
}

export function parseRouteKey(text: string): RouteKey {
  if (text === '$default') return { text, segments: [] };
  const match = /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/\S*)$/.exec(text);
  const [, method, path] = match ?? [];
  if (!method || !path) throw new Error(`'${text}' is no route key`);
  return { text, method, segments: path.split('/').slice(1) };
}

/** @param path as sent, without its query, still percent-encoded */
export function selectRoute<R extends { key: RouteKey }>(
  routes: Iterable<R>,
  method: string,
  path: string,
): Selected<R> | undefined {
  const segments = path.split('/').slice(1);
  let best: (Selected<R> & { rank: string }) | undefined;
  for (const route of routes) {
    const found = match(route.key, method, segments);
    // Ranks compare as text; `$default` has the empty one and loses to all.
    if (found && (!best || found.rank > best.rank)) best = { route, ...found };
  }
  return best && { route: best.route, parameters: best.parameters };
}

const LITERAL = '3';
const PARAMETER = '2';
const GREEDY = '1';

function match(key: RouteKey, method: string, segments: readonly string[]) {
  if (key.method === undefined) return { rank: '', parameters: {} };
  if (key.method !== 'ANY' && key.method !== method) return undefined;
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [index, wanted] of key.segments.entries()) {
    const name = /^\{(.+?)(\+?)\}$/.exec(wanted);
    const given = segments[index];
    if (given === undefined) return undefined;
    if (!name) {
      if (decode(given) !== wanted) return undefined;
      rank += LITERAL;
    } else if (name[2]) {
      const rest = segments.slice(index).map(decode).join('/');
      if (rest === '') return undefined;
      return {
        rank: `0${rank}${GREEDY}${key.method === 'ANY' ? 0 : 1}`,
        parameters: { ...parameters, [name[1] ?? '']: rest },
      };
    } else {
      if (given === '') return undefined;
      parameters[name[1] ?? ''] = decode(given);
      rank += PARAMETER;
    }
  }
  if (segments.length !== key.segments.length) return undefined;
  // A full match, literal or not, comes before any greedy one.
  return { rank: `1${rank}${key.method === 'ANY' ? 0 : 1}`, parameters };
}

/** What can't be decoded stays as it was sent. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
