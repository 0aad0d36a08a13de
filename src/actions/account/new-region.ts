/** A region as AWS gives it to a new account. */
import type { Snapshot } from '../../model/snapshot.ts';
import { Draft, emptySnapshot, type RegionSettings } from '../../model/store.ts';
import type { ActionContext, ActionEnvironment } from '../action.ts';
import { addAwsPrefixLists } from '../filters/aws-prefix-lists.ts';
import { addDefaultVpc } from '../vpcs/default-vpc.ts';

/** @param hasDefaultVpc false: as if the account had deleted its default VPC. */
export function newRegion(
  settings: RegionSettings,
  environment: ActionEnvironment,
  { hasDefaultVpc }: { readonly hasDefaultVpc: boolean },
): Snapshot {
  const draft = new Draft(emptySnapshot(settings));
  const context: ActionContext = { ...environment, draft, draftOf: () => null };
  addAwsPrefixLists(context);
  if (hasDefaultVpc) addDefaultVpc(context);
  return draft.snapshot;
}
