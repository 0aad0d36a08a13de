/**
 * What the API of a running lab costs its clients: a lab with instances, a thousand interfaces and then
 * five thousand, and clients in another process that say nothing but forms.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { LabStatus } from '../../../src/engine/control-api.ts';
import { vpclab, vpclabJson } from '../vpclab.ts';
import type { Workplace } from '../workplace.ts';
import type { ClientReport, Order } from './client.ts';

export interface ApiCosts {
  /** From the start of the command to the first answer. */
  readonly startMs: number;
  readonly describeVpcsMs: number;
  /** Answered when the dataplane forwards by it. */
  readonly replaceRouteMs: number;
  readonly interfaces: number;
  /** All interfaces, in pages of 1,000. */
  readonly pagesMs: number;
  readonly pagedInterfaces: number;
  readonly mixedCalls: number;
  readonly mixedClients: number;
  readonly callsPerSecond: number;
  readonly p99Ms: number;
  /** Of the controller, after its garbage was collected: after a fifth of the mixed calls, and at the end. */
  readonly heapFirstMb: number;
  readonly heapLastMb: number;
}

const INSTANCES = 4;
const INTERFACES = 1000;
const PAGED_INTERFACES = 5000;
const PAGE = 1000;
const MIXED_CALLS = 100_000;
const MIXED_CLIENTS = 16;
/** Rounds of the mixed calls, of which the first warms up. */
const MIXED_ROUNDS = 5;
const SINGLE_CALLS = 1000;
const HEAP_MS = 10_000;
const CLIENT = fileURLToPath(new URL('./client.ts', import.meta.url));
const HEAP_PROBE = fileURLToPath(new URL('./heap-probe.cjs', import.meta.url));

/** The objects of the lab under measurement. */
interface Names {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly routeTableId: string;
  readonly eniIds: readonly string[];
}

/** Measures with a lab of its own. @throws Error when a call is refused. */
export async function measureApi(
  workplace: Workplace,
  onProgress: (words: string) => void,
): Promise<ApiCosts> {
  onProgress('api: start');
  const startMs = await startOf(workplace.lab('start'));
  const name = workplace.lab('api');
  const heapPath = path.join(workplace.folder, 'heap');
  const env = { VPCLAB_BENCH_HEAP: heapPath, NODE_OPTIONS: `--require=${HEAP_PROBE}` };
  await vpclab(['up', '-'], labText(name), env);
  const { url, pid } = await apiOf(name);
  const names = await namesOf(url);
  onProgress(`api: ${INTERFACES} interfaces`);
  await fill(url, names, INTERFACES - INSTANCES);
  const describeVpcs = await order({ url, forms: ['Action=DescribeVpcs'], count: SINGLE_CALLS });
  const replaceRoute = await order({ url, forms: replaceRoutes(names), count: SINGLE_CALLS });
  onProgress(`api: ${MIXED_CALLS} calls`);
  const mixed = await mix(url, names, () => heapOf(pid, heapPath));
  onProgress(`api: ${PAGED_INTERFACES} interfaces`);
  await fill(url, names, PAGED_INTERFACES - INTERFACES);
  const pages = await order({
    url,
    forms: [`Action=DescribeNetworkInterfaces&MaxResults=${PAGE}`],
    count: 20,
    isPaged: true,
  });
  await vpclab(['down', '-n', name]);
  return {
    startMs,
    describeVpcsMs: describeVpcs.p50Ms,
    replaceRouteMs: replaceRoute.p50Ms,
    interfaces: INTERFACES,
    pagesMs: pages.p50Ms,
    pagedInterfaces: PAGED_INTERFACES,
    mixedCalls: MIXED_CALLS,
    mixedClients: MIXED_CLIENTS,
    ...mixed,
  };
}

/** @returns the milliseconds that an empty lab takes to come up and to answer once. */
async function startOf(name: string): Promise<number> {
  const upMs = await vpclab(
    ['up', '-'],
    `name: ${name}\nvpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.0.0/24 } } } }\n`,
  );
  const { url } = await apiOf(name);
  const began = performance.now();
  await ask(url, 'Action=DescribeVpcs');
  const answerMs = performance.now() - began;
  await vpclab(['down', '-n', name]);
  return upMs + answerMs;
}

/** @throws Error when the lab has none. */
async function apiOf(name: string): Promise<{ readonly url: string; readonly pid: number }> {
  const { [name]: status } = (await vpclabJson(['ps', '-n', name])) as Record<string, LabStatus>;
  if (status === undefined || status.apiUrl === null) throw new Error(`lab ${name} has no API`);
  return { url: status.apiUrl, pid: status.pid };
}

function labText(name: string): string {
  return `name: ${name}
quotas: { enisPerRegion: ${PAGED_INTERFACES + INSTANCES} }
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.0.0/18 } } } }
instances: { h: { subnet: a, dhcp: static, count: ${INSTANCES} } }
`;
}

/** @throws Error when the call is refused. */
async function ask(url: string, form: string): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(url, { method: 'POST', headers, body: form });
  const xml = await response.text();
  if (!response.ok) throw new Error(xml);
  return xml;
}

/** Looks the objects up by the calls that are measured, and makes the route that moves. */
async function namesOf(url: string): Promise<Names> {
  const found = async (form: string, id: RegExp): Promise<readonly [string, ...string[]]> => {
    const [first, ...others] = (await ask(url, form)).match(id) ?? [];
    if (first === undefined) throw new Error(`nothing was found by ${form}`);
    return [first, ...others];
  };
  const [subnetId] = await found(
    'Action=DescribeSubnets&Filter.1.Name=cidr&Filter.1.Value.1=10.0.0.0/18',
    /subnet-0\w+/g,
  );
  const [vpcId] = await found(`Action=DescribeSubnets&SubnetId.1=${subnetId}`, /vpc-0\w+/g);
  const ofVpc = `Filter.1.Name=vpc-id&Filter.1.Value.1=${vpcId}`;
  const [routeTableId] = await found(`Action=DescribeRouteTables&${ofVpc}`, /rtb-0\w+/g);
  const enis = await found(`Action=DescribeNetworkInterfaces&${ofVpc}`, /eni-0\w+/g);
  const names = { vpcId, subnetId, routeTableId, eniIds: [...new Set(enis)] };
  await ask(url, replaceRoutes(names)[0]?.replace('Replace', 'Create') ?? '');
  return names;
}

function replaceRoutes({ routeTableId, eniIds }: Names): string[] {
  const route = `Action=ReplaceRoute&RouteTableId=${routeTableId}&DestinationCidrBlock=192.0.2.0/24`;
  return eniIds.slice(0, 2).map((eniId) => `${route}&NetworkInterfaceId=${eniId}`);
}

async function fill(url: string, { subnetId }: Names, count: number): Promise<void> {
  const forms = [`Action=CreateNetworkInterface&SubnetId=${subnetId}`];
  await order({ url, forms, count, clients: 8 });
}

/** What tools ask of an account in turn: a tenth each are a new tag and another route. */
function mixedForms(names: Names): string[] {
  const { vpcId, subnetId, routeTableId, eniIds } = names;
  const [route = '', other = ''] = replaceRoutes(names);
  const [eniId = '', otherEniId = ''] = eniIds;
  const describe = [
    'Action=DescribeVpcs',
    `Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=${eniId}`,
    `Action=DescribeRouteTables&RouteTableId.1=${routeTableId}`,
    `Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1=${vpcId}`,
    `Action=DescribeVpcs&VpcId.1=${vpcId}`,
    `Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=${otherEniId}`,
    `Action=DescribeSubnets&SubnetId.1=${subnetId}`,
    `Action=DescribeInstances&Filter.1.Name=subnet-id&Filter.1.Value.1=${subnetId}`,
  ];
  const tag = (value: number) =>
    `Action=CreateTags&ResourceId.1=${vpcId}&Tag.1.Key=turn&Tag.1.Value=${value}`;
  return [...describe, tag(1), route, ...describe, tag(2), other];
}

type MixedCosts = Pick<ApiCosts, 'callsPerSecond' | 'p99Ms' | 'heapFirstMb' | 'heapLastMb'>;

async function mix(url: string, names: Names, heapMb: () => Promise<number>): Promise<MixedCosts> {
  const forms = mixedForms(names);
  const heaps: number[] = [];
  const reports: ClientReport[] = [];
  for (let round = 0; round < MIXED_ROUNDS; round++) {
    const count = MIXED_CALLS / MIXED_ROUNDS;
    reports.push(await order({ url, forms, count, clients: MIXED_CLIENTS }));
    heaps.push(await heapMb());
  }
  const ms = reports.reduce((sum, each) => sum + each.ms, 0);
  return {
    callsPerSecond: (MIXED_CALLS / ms) * 1000,
    p99Ms: Math.max(...reports.map((each) => each.p99Ms)),
    heapFirstMb: heaps[0] ?? Number.NaN,
    heapLastMb: heaps.at(-1) ?? Number.NaN,
  };
}

/** @throws Error when a call was refused. */
async function order(wanted: Omit<Order, 'clients'> & { clients?: number }): Promise<ClientReport> {
  const input = JSON.stringify({ clients: 1, ...wanted });
  const { stdout } = await execa(process.execPath, ['--import=tsx', CLIENT], { input });
  const report: ClientReport = JSON.parse(stdout);
  if (report.refused > 0) throw new Error(`${report.refused} calls refused: ${report.refusal}`);
  return report;
}

/** @returns what is left of the controller's heap when its garbage is collected. */
async function heapOf(pid: number, heapPath: string): Promise<number> {
  fs.rmSync(heapPath, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (const until = performance.now() + HEAP_MS; performance.now() < until; await sleep(50)) {
    const text = fs.existsSync(heapPath) ? fs.readFileSync(heapPath, 'utf8') : '';
    if (text !== '') return Number(text) / 1e6;
  }
  throw new Error('the controller does not tell its heap');
}
