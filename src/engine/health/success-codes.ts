/** The codes of HTTP by which a target passes (GWLB-6). */

/** @param matcher As `200-399` or `200,301`; both may be mixed. */
export function isSuccessCode(matcher: string, code: number): boolean {
  return matcher.split(',').some((part) => {
    const [first = '', last = first] = part.split('-');
    return Number(first) <= code && code <= Number(last);
  });
}
