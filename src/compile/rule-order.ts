/**
 * The order in which the rules of a group or ACL become rows: those for ingress first, so that each
 * direction is one range.
 */

/** @returns the rules with those for ingress first, else in the order that they have. */
export function ingressFirst<Rule extends { readonly isEgress: boolean }>(
  rules: readonly Rule[],
): Rule[] {
  return [...rules.filter((rule) => !rule.isEgress), ...rules.filter((rule) => rule.isEgress)];
}
