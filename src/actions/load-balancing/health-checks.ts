/** What a request says of the health checks of a target group (GWLB-6). */
import type { HealthCheck } from '../../model/load-balancers.ts';
import type { ActionInput, ActionOutput, ParameterType } from '../action.ts';
import { optionalBoolean, optionalInteger, optionalString, optionalStructure } from '../input.ts';
import { constraintError, invalidConfiguration, validationError } from './balancing-errors.ts';
import { checkRange, type Range } from './ranges.ts';

export const HEALTH_CHECK_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  HealthCheckProtocol: 'string',
  HealthCheckPort: 'string',
  HealthCheckEnabled: 'boolean',
  HealthCheckPath: 'string',
  HealthCheckIntervalSeconds: 'integer',
  HealthCheckTimeoutSeconds: 'integer',
  HealthyThresholdCount: 'integer',
  UnhealthyThresholdCount: 'integer',
  Matcher: { HttpCode: 'string', GrpcCode: 'string' },
};

const PROTOCOLS = ['TCP', 'HTTP', 'HTTPS'] as const;
const INTERVALS: Range = { least: 5, most: 300 };
const TIMEOUTS: Range = { least: 2, most: 120 };
const THRESHOLDS: Range = { least: 2, most: 10 };
const CODES: Range = { least: 200, most: 399 };
const MAX_PORT = 65_535;
const MAX_PATH_LENGTH = 1024;
const CODE_LIST = /^\d{3}(?:-\d{3})?(?:,\d{3}(?:-\d{3})?)*$/;

/**
 * Reads a health check.
 * @param present What the request leaves as it is.
 * @throws ValidationError, InvalidConfigurationRequest
 */
export function readHealthCheck(input: ActionInput, present: HealthCheck): HealthCheck {
  if (optionalBoolean(input, 'HealthCheckEnabled') === false) {
    throw invalidConfiguration('Health checks must be enabled for target groups of this type');
  }
  const protocol = readProtocol(input) ?? present.protocol;
  const check: HealthCheck = {
    protocol,
    port: readPort(input) ?? present.port,
    path: readPath(input, protocol) ?? present.path,
    intervalSeconds:
      readCount(input, 'HealthCheckIntervalSeconds', INTERVALS) ?? present.intervalSeconds,
    timeoutSeconds:
      readCount(input, 'HealthCheckTimeoutSeconds', TIMEOUTS) ?? present.timeoutSeconds,
    healthyThreshold:
      readCount(input, 'HealthyThresholdCount', THRESHOLDS) ?? present.healthyThreshold,
    unhealthyThreshold:
      readCount(input, 'UnhealthyThresholdCount', THRESHOLDS) ?? present.unhealthyThreshold,
    matcher: readMatcher(input, protocol) ?? present.matcher,
  };
  if (check.timeoutSeconds > check.intervalSeconds) {
    throw validationError(
      `Health check timeout '${check.timeoutSeconds}' must be smaller than or equal to the interval '${check.intervalSeconds}'`,
    );
  }
  return check;
}

function readProtocol(input: ActionInput): HealthCheck['protocol'] | undefined {
  const text = optionalString(input, 'HealthCheckProtocol');
  if (text === undefined) return undefined;
  const protocol = PROTOCOLS.find((each) => each === text);
  if (protocol === undefined) {
    throw invalidConfiguration(
      `Health check protocol '${text}' must be one of [${PROTOCOLS.join(', ')}]`,
    );
  }
  return protocol;
}

/** The traffic comes in Geneve, which answers no check. */
function readPort(input: ActionInput): number | undefined {
  const text = optionalString(input, 'HealthCheckPort');
  if (text === undefined) return undefined;
  if (text === 'traffic-port') {
    throw invalidConfiguration(
      "Health check port 'traffic-port' is not supported with protocol GENEVE",
    );
  }
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > MAX_PORT) {
    throw validationError(`Health check port '${text}' must be between '1' and '${MAX_PORT}'`);
  }
  return port;
}

function readPath(input: ActionInput, protocol: HealthCheck['protocol']): string | undefined {
  const path = optionalString(input, 'HealthCheckPath');
  if (path === undefined) return undefined;
  if (protocol === 'TCP') throw notOfTcp('A health check path');
  if (path.length > MAX_PATH_LENGTH) {
    throw constraintError(
      'HealthCheckPath',
      path,
      `Member must have length less than or equal to ${MAX_PATH_LENGTH}`,
    );
  }
  if (!path.startsWith('/') || /\s/.test(path)) {
    throw validationError(`Health check path '${path}' must begin with a '/'`);
  }
  return path;
}

function readMatcher(input: ActionInput, protocol: HealthCheck['protocol']): string | undefined {
  const matcher = optionalStructure(input, 'Matcher');
  if (matcher === undefined) return undefined;
  if (protocol === 'TCP') throw notOfTcp('A matcher');
  if (optionalString(matcher, 'GrpcCode') !== undefined) {
    throw invalidConfiguration('gRPC codes are not supported with protocol GENEVE');
  }
  const codes = optionalString(matcher, 'HttpCode') ?? '';
  if (!CODE_LIST.test(codes) || !codes.split(',').every(isCodeRange)) {
    throw validationError(
      `Health check matcher HTTP code '${codes}' must be within '${CODES.least}-${CODES.most}'`,
    );
  }
  return codes;
}

function isCodeRange(text: string): boolean {
  const [first = 0, last = first] = text.split('-').map(Number);
  return first >= CODES.least && first <= last && last <= CODES.most;
}

function readCount(input: ActionInput, name: string, range: Range): number | undefined {
  const count = optionalInteger(input, name);
  if (count !== undefined) checkRange(name, count, range);
  return count;
}

function notOfTcp(thing: string): Error {
  return invalidConfiguration(`${thing} is not supported with health check protocol TCP`);
}

/** The members of AWS's `TargetGroup` that are about health checks. */
export function healthCheckShape(check: HealthCheck): ActionOutput {
  const isHttp = check.protocol !== 'TCP';
  return {
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: String(check.port),
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: isHttp ? check.path : undefined,
    Matcher: isHttp ? { HttpCode: check.matcher } : undefined,
  };
}
