/**
 * From the names of a request to the interface and the addresses that `explain` of the engine wants.
 * In the process that has the model: the controller, or a lab on paper.
 */
import { ApiError } from '../actions/api-error.ts';
import { parseIpv4 } from '../addr/ipv4.ts';
import { parseIpv6 } from '../addr/ipv6.ts';
import type { ControlRoutes } from '../engine/control-server.ts';
import type { LabController } from '../engine/controller.ts';
import type { ExplainQuestion } from '../engine/explain/explain.ts';
import type { Addresses } from '../engine/explain/probe.ts';
import type { EniId } from '../model/ids.ts';
import type { Eni } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../packet/ipv4.ts';
import { wantedName } from '../scenario/file/problems.ts';
import { eniOf, indexNames, type NameIndex } from '../scenario/names.ts';
import { CliError, EXIT } from './exit-codes.ts';
import {
  addressFamily,
  EXPLAIN_PATH,
  type ExplainRequest,
  type Family,
} from './explain-request.ts';

/** The body is an `ExplainRequest`, the answer an `Explanation`. */
export function explainRoutes(controller: LabController): ControlRoutes {
  return new Map([
    [
      EXPLAIN_PATH,
      async (body) => {
        try {
          return await controller.explain(questionOf(body as ExplainRequest, controller.fabric));
        } catch (error) {
          if (!(error instanceof CliError)) throw error;
          throw new ApiError('NotFound', error.message, 404);
        }
      },
    ],
  ]);
}

/** @throws CliError notFound for a name that means nothing, and for an end without an address. */
export function questionOf(request: ExplainRequest, fabric: Fabric): ExplainQuestion {
  const index = indexNames(fabric);
  const sender = findInterface(request.from, index);
  const receiver = addressFamily(request.to) === null ? findInterface(request.to, index) : null;
  const family = request.family ?? commonFamily(sender, receiver);
  const echo = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  return {
    eniId: sender.eniId,
    addresses: family === 4 ? ends4(request, sender, receiver) : ends6(request, sender, receiver),
    protocol: request.protocol ?? echo,
    port: request.port,
  };
}

function commonFamily(sender: Eni, receiver: Eni | null): Family {
  const haveIpv4 = [sender, receiver ?? sender].every(({ addresses }) => addresses.length > 0);
  return haveIpv4 ? 4 : 6;
}

function ends4({ from, to, source }: ExplainRequest, sender: Eni, receiver: Eni | null): Addresses {
  const own = source === null ? sender.addresses[0] : parseIpv4(source);
  const other = receiver === null ? parseIpv4(to) : receiver.addresses[0];
  return {
    family: 4,
    source: own ?? lacksAddress(from, 4),
    destination: other ?? lacksAddress(to, 4),
  };
}

function ends6({ from, to, source }: ExplainRequest, sender: Eni, receiver: Eni | null): Addresses {
  const own = source === null ? sender.ipv6Addresses[0] : parseIpv6(source);
  const other = receiver === null ? parseIpv6(to) : receiver.ipv6Addresses[0];
  return {
    family: 6,
    source: own ?? lacksAddress(from, 6),
    destination: other ?? lacksAddress(to, 6),
  };
}

function lacksAddress(name: string, family: Family): never {
  throw new CliError(
    EXIT.notFound,
    `Cannot find an IPv${family} address of "${name}": it has none`,
  );
}

/** An instance stands for its first interface. */
function findInterface(word: string, index: NameIndex): Eni {
  const { fabric } = index;
  const named = eniOf(index, word) ?? fabric.enis.get(word as EniId);
  if (named !== undefined) return named;
  const instanceId = index.ids.get(`instance:${word}`) ?? word;
  for (const eni of fabric.enis.values()) {
    const { attachment } = eni;
    if (attachment?.instanceId === instanceId && attachment.deviceIndex === 0) return eni;
  }
  const wanted = wantedName(word, knownNames(index), 'an instance, an interface or an address');
  throw new CliError(
    EXIT.notFound,
    `Cannot find "${word}": nothing has that name, wanted ${wanted}`,
  );
}

const NAMED_ENDS = /^(?:instance|interface):/;

function knownNames({ ids }: NameIndex): ReadonlySet<string> {
  const names = [...ids.keys()].filter((name) => NAMED_ENDS.test(name));
  return new Set(names.map((name) => name.replace(NAMED_ENDS, '')));
}
