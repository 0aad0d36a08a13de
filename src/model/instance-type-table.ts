/**
 * The instance types of a region: processors, memory, and what they say about the network.
 * Most families follow one rule from size to limits; what does not is spelled out.
 * @source the Amazon EC2 instance types guide, specifications and network specifications
 */

export interface InstanceType {
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly isCurrent: boolean;
  readonly isBareMetal: boolean;
  readonly hypervisor: 'nitro' | 'xen';
  readonly isBurstable: boolean;
  readonly hasLocalDisk: boolean;
  readonly maxInterfaces: number;
  readonly ipv4PerInterface: number;
}

interface Family {
  /** Without `metal`. */
  readonly sizes: string;
  readonly gibPerVcpu: number;
  readonly isArm?: true;
  readonly isXen?: true;
  readonly isOld?: true;
  readonly hasLocalDisk?: true;
  /** The vCPUs of its metal size. */
  readonly metal?: number;
}

const TO_4XL = 'large xlarge 2xlarge 4xlarge';
const SIZES_C5 = `${TO_4XL} 9xlarge 12xlarge 18xlarge 24xlarge`;
const SIZES_M5 = `${TO_4XL} 8xlarge 12xlarge 16xlarge 24xlarge`;
const SIZES_6I = `${SIZES_M5} 32xlarge`;
const SIZES_6A = `${SIZES_6I} 48xlarge`;
const SIZES_7I = `${SIZES_M5} 48xlarge`;
const SIZES_7A = `medium ${SIZES_6A}`;
const SIZES_6G = `medium ${TO_4XL} 8xlarge 12xlarge 16xlarge`;
const SIZES_8G = `${SIZES_6G} 24xlarge 48xlarge`;
const SIZES_FLEX = `${TO_4XL} 8xlarge 12xlarge 16xlarge`;
const SIZES_I3 = `${TO_4XL} 8xlarge 16xlarge`;

const FAMILIES: Readonly<Record<string, Family>> = {
  c4: { sizes: `${TO_4XL} 8xlarge`, gibPerVcpu: 1.875, isXen: true, isOld: true },
  c5: { sizes: SIZES_C5, gibPerVcpu: 2, metal: 96 },
  c5a: { sizes: SIZES_M5, gibPerVcpu: 2 },
  c5d: { sizes: SIZES_C5, gibPerVcpu: 2, metal: 96, hasLocalDisk: true },
  c5n: { sizes: `${TO_4XL} 9xlarge 18xlarge`, gibPerVcpu: 2.625, metal: 72 },
  c6a: { sizes: SIZES_6A, gibPerVcpu: 2, metal: 192 },
  c6g: { sizes: SIZES_6G, gibPerVcpu: 2, metal: 64, isArm: true },
  c6gd: { sizes: SIZES_6G, gibPerVcpu: 2, metal: 64, isArm: true, hasLocalDisk: true },
  c6gn: { sizes: SIZES_6G, gibPerVcpu: 2, isArm: true },
  c6i: { sizes: SIZES_6I, gibPerVcpu: 2, metal: 128 },
  c6id: { sizes: SIZES_6I, gibPerVcpu: 2, metal: 128, hasLocalDisk: true },
  c7a: { sizes: SIZES_7A, gibPerVcpu: 2 },
  c7g: { sizes: SIZES_6G, gibPerVcpu: 2, metal: 64, isArm: true },
  c7gn: { sizes: SIZES_6G, gibPerVcpu: 2, isArm: true },
  c7i: { sizes: SIZES_7I, gibPerVcpu: 2 },
  'c7i-flex': { sizes: SIZES_FLEX, gibPerVcpu: 2 },
  c8g: { sizes: SIZES_8G, gibPerVcpu: 2, isArm: true },
  i3: { sizes: SIZES_I3, gibPerVcpu: 7.625, isXen: true, metal: 72, hasLocalDisk: true },
  i4i: { sizes: `${SIZES_I3} 32xlarge`, gibPerVcpu: 8, metal: 128, hasLocalDisk: true },
  m4: { sizes: `${TO_4XL} 10xlarge 16xlarge`, gibPerVcpu: 4, isXen: true, isOld: true },
  m5: { sizes: SIZES_M5, gibPerVcpu: 4, metal: 96 },
  m5a: { sizes: SIZES_M5, gibPerVcpu: 4 },
  m5d: { sizes: SIZES_M5, gibPerVcpu: 4, metal: 96, hasLocalDisk: true },
  m5n: { sizes: SIZES_M5, gibPerVcpu: 4, metal: 96 },
  m6a: { sizes: SIZES_6A, gibPerVcpu: 4, metal: 192 },
  m6g: { sizes: SIZES_6G, gibPerVcpu: 4, metal: 64, isArm: true },
  m6gd: { sizes: SIZES_6G, gibPerVcpu: 4, metal: 64, isArm: true, hasLocalDisk: true },
  m6i: { sizes: SIZES_6I, gibPerVcpu: 4, metal: 128 },
  m6id: { sizes: SIZES_6I, gibPerVcpu: 4, metal: 128, hasLocalDisk: true },
  m7a: { sizes: SIZES_7A, gibPerVcpu: 4 },
  m7g: { sizes: SIZES_6G, gibPerVcpu: 4, metal: 64, isArm: true },
  m7i: { sizes: SIZES_7I, gibPerVcpu: 4 },
  'm7i-flex': { sizes: SIZES_FLEX, gibPerVcpu: 4 },
  m8g: { sizes: SIZES_8G, gibPerVcpu: 4, isArm: true },
  r4: { sizes: SIZES_I3, gibPerVcpu: 7.625, isXen: true, isOld: true },
  r5: { sizes: SIZES_M5, gibPerVcpu: 8, metal: 96 },
  r5a: { sizes: SIZES_M5, gibPerVcpu: 8 },
  r5n: { sizes: SIZES_M5, gibPerVcpu: 8, metal: 96 },
  r6a: { sizes: SIZES_6A, gibPerVcpu: 8, metal: 192 },
  r6g: { sizes: SIZES_6G, gibPerVcpu: 8, metal: 64, isArm: true },
  r6i: { sizes: SIZES_6I, gibPerVcpu: 8, metal: 128 },
  r7g: { sizes: SIZES_6G, gibPerVcpu: 8, metal: 64, isArm: true },
  r7i: { sizes: SIZES_7I, gibPerVcpu: 8 },
  r8g: { sizes: SIZES_8G, gibPerVcpu: 8, isArm: true },
};

/** Size of a burstable type: vCPUs on Xen and on Nitro, GiB, interfaces, addresses of each. */
const BURSTABLE: readonly (readonly [string, number, number, number, number, number])[] = [
  ['nano', 1, 2, 0.5, 2, 2],
  ['micro', 1, 2, 1, 2, 2],
  ['small', 1, 2, 2, 3, 4],
  ['medium', 2, 2, 4, 3, 6],
  ['large', 2, 2, 8, 3, 12],
  ['xlarge', 4, 4, 16, 4, 15],
  ['2xlarge', 8, 8, 32, 4, 15],
];

/** Interfaces and addresses of each, where a type has others than its size says. */
const OTHER_LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  't2.xlarge': [3, 15],
  't2.2xlarge': [3, 15],
  't3a.small': [2, 4],
  'm4.large': [2, 10],
  'm4.16xlarge': [8, 30],
};

/** vCPUs and GiB, where a type has others than its size and family say. */
const OTHER_MACHINES: Readonly<Record<string, readonly [number, number]>> = {
  'c4.8xlarge': [36, 60],
  'c5n.9xlarge': [36, 96],
  'c5n.18xlarge': [72, 192],
  'c5n.metal': [72, 192],
  'i3.metal': [72, 512],
};

/** vCPUs at most, interfaces, IPv4 addresses of each. */
const LIMITS: readonly (readonly [number, number, number])[] = [
  [1, 2, 4],
  [2, 3, 10],
  [8, 4, 15],
  [48, 8, 30],
  [Number.POSITIVE_INFINITY, 15, 50],
];

function vcpusOf(size: string): number {
  if (size === 'medium') return 1;
  if (size === 'large') return 2;
  return 4 * Number(/^\d*/.exec(size)?.[0] || 1);
}

function namedLimits([maxInterfaces, ipv4PerInterface]: readonly [number, number]) {
  return { maxInterfaces, ipv4PerInterface };
}

function limitsOf(name: string, vcpus: number): readonly [number, number] {
  const [, interfaces = 0, addresses = 0] = LIMITS.find(([most]) => vcpus <= most) ?? [];
  return OTHER_LIMITS[name] ?? [interfaces, addresses];
}

function regularType(family: string, traits: Family, size: string): InstanceType {
  const name = `${family}.${size}`;
  const isBareMetal = size === 'metal';
  const usual = isBareMetal ? (traits.metal ?? 0) : vcpusOf(size);
  const [vcpus, gib] = OTHER_MACHINES[name] ?? [usual, usual * traits.gibPerVcpu];
  return {
    name,
    architecture: traits.isArm ? 'arm64' : 'x86_64',
    vcpus,
    memoryMib: gib * 1024,
    isCurrent: traits.isOld !== true,
    isBareMetal,
    hypervisor: traits.isXen && !isBareMetal ? 'xen' : 'nitro',
    isBurstable: false,
    hasLocalDisk: traits.hasLocalDisk === true,
    ...namedLimits(limitsOf(name, vcpus)),
  };
}

function burstableTypes(family: 't2' | 't3' | 't3a' | 't4g'): InstanceType[] {
  return BURSTABLE.map(([size, xen, nitro, gib, ...limits]) => ({
    name: `${family}.${size}`,
    architecture: family === 't4g' ? 'arm64' : 'x86_64',
    vcpus: family === 't2' ? xen : nitro,
    memoryMib: gib * 1024,
    isCurrent: true,
    isBareMetal: false,
    hypervisor: family === 't2' ? 'xen' : 'nitro',
    isBurstable: true,
    hasLocalDisk: false,
    ...namedLimits(OTHER_LIMITS[`${family}.${size}`] ?? limits),
  }));
}

/** By name. */
export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map(
  [
    ...(['t2', 't3', 't3a', 't4g'] as const).flatMap(burstableTypes),
    ...Object.entries(FAMILIES).flatMap(([family, traits]) =>
      [...traits.sizes.split(' '), ...(traits.metal ? ['metal'] : [])].map((size) =>
        regularType(family, traits, size),
      ),
    ),
  ].map((type) => [type.name, type]),
);
