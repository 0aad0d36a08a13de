/**
 * The check of an interface with `SourceDestCheck` on: it sends from and receives for its own
 * addresses only. Rules: CHK-1 to CHK-3, CHK-5, CHK-6.
 */
import { DROP } from '../drop-reason.ts';
import { ENI_SOURCE_DEST_CHECK, eniByAddress, type Program } from '../program.ts';
import type { Layer, LayerContext } from './context.ts';

/** The first ten bits of fe80::/10. */
export const LINK_LOCAL_PREFIX = 0xfe80 >>> 6;

export const sourceCheckLayer: Layer = {
  name: 'source-check',
  run(context: LayerContext): boolean {
    const { frame, program, eni, vpc } = context;
    if (!isChecked(program, eni)) return true;
    return (
      owns(program, vpc, eni, frame.family, frame.s0, frame.s1, frame.s2, frame.s3) ||
      context.drop(DROP.ENI_SOURCE_DEST_CHECK_RESTRICTION)
    );
  },
};

export const destinationCheckLayer: Layer = {
  name: 'destination-check',
  run(context: LayerContext): boolean {
    const { frame, program, target, vpc } = context;
    if (!isChecked(program, target)) return true;
    return (
      owns(program, vpc, target, frame.family, frame.d0, frame.d1, frame.d2, frame.d3) ||
      context.drop(DROP.ENI_SOURCE_DEST_CHECK_RESTRICTION)
    );
  },
};

/** @returns true when the interface takes and sends packets of its own addresses only. @source CHK-1 */
export function isChecked(program: Program, eni: number): boolean {
  return ((program.enis.flags[eni] as number) & ENI_SOURCE_DEST_CHECK) !== 0;
}

/**
 * @returns true when the address, or a delegated prefix around it, is of the interface (CHK-2), and
 *   for link-local IPv6, which the model does not hold (CHK-6).
 */
function owns(
  program: Program,
  vpc: number,
  eni: number,
  family: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  if (family === 6 && w0 >>> 22 === LINK_LOCAL_PREFIX) return true;
  return eniByAddress(program, vpc, family, w0, w1, w2, w3) === eni;
}
