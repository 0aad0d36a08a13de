/**
 * Who may send requests: programs of the host, and no page of the web. A page that a browser shows could
 * reach the loopback interface, by its address or by a name that its owner points there (DNS rebinding).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { foreignHost, fromBrowser } from './api-errors.ts';

/** What clients call a lab: the loopback interface, or AWS's own names of services, as through a proxy. */
const HOST_NAMES: readonly RegExp[] = [
  /^(?:[a-z0-9-]+\.)*localhost\.?$/i,
  /^127(?:\.\d{1,3}){3}$/,
  /^\[::1\]$/,
  /^(?:ec2|elasticloadbalancing)\.(?:[a-z0-9-]+\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/i,
];
const PORT = /:\d{0,5}$/;

/**
 * Refuses what a page has sent; what is typed into a browser is its user's own.
 * @throws ApiError AccessDenied.
 */
export function checkSender(headers: IncomingHttpHeaders): void {
  const { origin, 'sec-fetch-site': site = 'none', host = 'localhost' } = headers;
  if (origin !== undefined) throw fromBrowser(origin);
  if (site !== 'none') throw fromBrowser(String(site));
  const name = host.replace(PORT, '');
  if (!HOST_NAMES.some((pattern) => pattern.test(name))) throw foreignHost(host);
}
