/** What the type of an instance says about its network. */

/** Families that run on Xen; all others are Nitro's. @source the EC2 user guide, "Nitro instances" */
const XEN_FAMILIES: ReadonlySet<string> = new Set(
  'c1 c3 c4 cc2 cg1 cr1 d2 f1 g2 g3 g3s h1 hi1 hs1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e'.split(
    ' ',
  ),
);

/** @returns true when the type can be in an IPv6-only subnet. @param type Such as `m5.large`. */
export function isNitro(type: string): boolean {
  const [family = '', size] = type.split('.');
  return size === 'metal' || !XEN_FAMILIES.has(family);
}
