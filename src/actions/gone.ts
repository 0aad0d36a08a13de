/** What is gone is shown for about an hour, as AWS does, and then forgotten: a lab may live long. */
import type { Gone } from '../model/gone.ts';
import type { Draft } from '../model/store.ts';

const SHOWN_MS = 3600 * 1000;

/** Has an object that is gone shown for an hour more. What went longer ago is forgotten. */
export function showForAWhile(
  draft: Draft,
  nowMs: number,
  table: Gone['table'],
  id: Gone['id'],
): void {
  forgetGone(draft, nowMs);
  if (!draft.snapshot.gone.has(id)) draft.put('gone', id, { table, id, untilMs: nowMs + SHOWN_MS });
}

function forgetGone(draft: Draft, nowMs: number): void {
  for (const { table, id, untilMs } of draft.snapshot.gone.values()) {
    if (untilMs > nowMs) break;
    draft.delete('gone', id);
    // The type of an id follows from its table.
    draft.delete(table, id as never);
    if (table === 'instances') {
      forgetReservation(draft, id);
      forgetTargets(draft, id);
    }
  }
}

/** A terminated instance is no target any more. */
function forgetTargets(draft: Draft, gone: Gone['id']): void {
  for (const { targetKey, targetId } of draft.snapshot.targets.values()) {
    if (targetId === gone) draft.delete('targets', targetKey);
  }
}

/** A reservation goes with its last instance. */
function forgetReservation(draft: Draft, gone: Gone['id']): void {
  const { reservations, instances } = draft.snapshot;
  for (const { reservationId, instanceIds } of reservations.values()) {
    if (!instanceIds.some((id) => id === gone)) continue;
    if (!instanceIds.some((id) => instances.has(id))) draft.delete('reservations', reservationId);
    return;
  }
}
