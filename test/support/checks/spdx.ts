/** SPDX licence expressions, as far as npm packages use them: identifiers, AND, OR, WITH, brackets. */

/**
 * Whether the expression can be met with allowed licences alone. `OR` is our choice, `AND` binds both; `AND` binds tighter.
 * What doesn't parse isn't allowed.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let wellFormed = true;
  const verdict = either();
  return verdict && wellFormed && tokens.length === 0;

  function either(): boolean {
    let ok = both();
    while (tokens[0] === 'OR') {
      tokens.shift();
      ok = both() || ok;
    }
    return ok;
  }

  function both(): boolean {
    let ok = one();
    while (tokens[0] === 'AND') {
      tokens.shift();
      ok = one() && ok;
    }
    return ok;
  }

  function one(): boolean {
    const token = tokens.shift();
    if (token === '(') {
      const ok = either();
      wellFormed &&= tokens.shift() === ')';
      return ok;
    }
    // An exception only ever permits more: what it is added to decides.
    if (tokens[0] === 'WITH') tokens.splice(0, 2);
    wellFormed &&= token !== undefined && token !== ')';
    return token !== undefined && allowed.has(token);
  }
}
