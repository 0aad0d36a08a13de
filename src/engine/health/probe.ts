/**
 * One probe of a target: a real connection from the stack of a node, and for HTTP a request of AWS's
 * kind. Certificates are not looked at (GWLB-6).
 */
import http from 'node:http';
import type net from 'node:net';
import tls from 'node:tls';
import { formatIpv4, type Ipv4Addr } from '../../addr/ipv4.ts';
import { connectTcp } from '../../host/sockets.ts';
import type { HealthCheck } from '../../model/load-balancers.ts';
import type { Failure, Finding } from './health-state.ts';
import { isSuccessCode } from './success-codes.ts';

const USER_AGENT = 'ELB-HealthChecker/2.0';

/**
 * Asks a target once.
 * @param netns Of the node that asks. @param signal Ends it early; what it finds then means nothing.
 */
export function probe(
  netns: string,
  address: Ipv4Addr,
  check: HealthCheck,
  signal: AbortSignal,
): Promise<Finding> {
  return new Promise((resolve) => {
    let socket: net.Socket | null = null;
    const end = (finding: Finding): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket?.destroy();
      resolve(finding);
    };
    const onAbort = (): void => end('Target.FailedHealthChecks');
    const onError = (error: unknown): void => end(failureOf(error));
    const timer = setTimeout(() => end('Target.Timeout'), check.timeoutSeconds * 1000);
    signal.addEventListener('abort', onAbort);
    try {
      socket = connectTcp(netns, address, check.port);
      socket.on('error', onError);
      if (check.protocol === 'TCP') socket.once('connect', () => end('passed'));
      else
        askStatus(socket, formatIpv4(address), check, (code) => end(judge(code, check)), onError);
    } catch (error) {
      // The node is going away.
      onError(error);
    }
  });
}

function judge(code: number, { matcher }: HealthCheck): Finding {
  return isSuccessCode(matcher, code) ? 'passed' : 'Target.ResponseCodeMismatch';
}

/** @param onStatus Called when the answer is complete. */
function askStatus(
  socket: net.Socket,
  host: string,
  { protocol, path, port }: HealthCheck,
  onStatus: (code: number) => void,
  onError: (error: unknown) => void,
): void {
  const secure = () => tls.connect({ socket, rejectUnauthorized: false });
  const request = http.request({
    createConnection: () => (protocol === 'HTTPS' ? secure() : socket),
    path,
    headers: { Host: `${host}:${port}`, 'User-Agent': USER_AGENT, Connection: 'close' },
  });
  request.on('error', onError);
  request.once('response', (response) => {
    response.on('error', onError);
    response.once('end', () => onStatus(response.statusCode ?? 0));
    response.resume();
  });
  request.end();
}

/** The kernel may give up before the time of the check is over. */
function failureOf(error: unknown): Failure {
  const isSilence = error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT';
  return isSilence ? 'Target.Timeout' : 'Target.FailedHealthChecks';
}
