/** Which image an id stands for. */
import type { Image } from '../compute.ts';
import type { ImageId } from '../ids.ts';
import { builtInImageId } from '../images.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * Finds the image that runs for an id: the one of that id, or else the built-in one that the
 * settings name for it.
 */
export function imageFor(
  { images, settings }: Pick<Snapshot, 'images' | 'settings'>,
  imageId: ImageId,
): Image | undefined {
  const standIn = settings.amis.get(imageId) ?? settings.amis.get('*');
  return images.get(imageId) ?? images.get(standIn ? builtInImageId(standIn) : imageId);
}
