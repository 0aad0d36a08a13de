/** From the text of a lab file to the lab; it loads all that lab files can name. */
import { API_ACTIONS } from '../actions/table.ts';
import { DROP_CODES } from '../dataplane/drop-reason.ts';
import { BUILT_IN_IMAGES } from '../instances/images.ts';
import { loadLab } from '../scenario/file/load.ts';
import type { LoadOptions } from '../scenario/file/scope.ts';
import type { Lab } from '../scenario/lab.ts';
import type { LabSource } from './lab-source.ts';

/** @throws LabFileError with all problems. */
export function parseLab(source: LabSource): Lab {
  return loadLab(source.text, loadOptions(source));
}

/** @returns what a lab file of that place is loaded with. */
export function loadOptions({ shown, folder }: Pick<LabSource, 'shown' | 'folder'>): LoadOptions {
  return {
    file: shown,
    folder,
    images: new Set(Object.keys(BUILT_IN_IMAGES)),
    dropReasons: new Set(DROP_CODES),
    actions: API_ACTIONS,
  };
}
