/** The built-in images, which every account of every region can launch. */
import { createHash } from 'node:crypto';
import type { Image } from './compute.ts';
import type { ImageId } from './ids.ts';

/** Name to what there is in it. */
const DESCRIPTIONS = {
  linux: 'the programs of the host, no daemon',
  frr: 'FRRouting with /etc/frr/frr.conf; forwards packets',
  bird: 'BIRD with /etc/bird/bird.conf; forwards packets',
  keepalived: 'keepalived with /etc/keepalived/keepalived.conf; forwards packets',
} as const;

export type BuiltInImageName = keyof typeof DESCRIPTIONS;

export const BUILT_IN_IMAGE_NAMES = [
  'linux',
  'frr',
  'bird',
  'keepalived',
] as const satisfies readonly BuiltInImageName[];

/** @returns an id that is the same in every lab and region. */
export function builtInImageId(name: BuiltInImageName): ImageId {
  const hash = createHash('sha256').update(`vpclab/${name}`).digest('hex');
  return `ami-0${hash.slice(0, 16)}`;
}

/** @returns the images that a region starts with. */
export function builtInImages(): ReadonlyMap<ImageId, Image> {
  return new Map(
    BUILT_IN_IMAGE_NAMES.map((name) => {
      const imageId = builtInImageId(name);
      const image: Image = {
        imageId,
        name,
        description: DESCRIPTIONS[name],
        isBuiltIn: true,
        launchPermissions: ['all'],
        tags: new Map(),
      };
      return [imageId, image];
    }),
  );
}

/** @returns an image of the lab file, which is the account's own. @param name As in `Image`. */
export function ownImage(imageId: ImageId, name: string): Image {
  const description = `${name}, as the lab file has it`;
  const launchPermissions: readonly string[] = [];
  return { imageId, name, description, isBuiltIn: false, launchPermissions, tags: new Map() };
}
