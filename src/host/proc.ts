/** What programs the host has, and what processes run. */
import fs from 'node:fs';

/** @returns the full path of a program of the host, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/lib/frr'];
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (folder !== '' && fs.existsSync(path)) return path;
  }
  return null;
}

/** @returns when a process began, in the kernel's ticks; null when it is not there or only waits to be reaped. */
export function processStart(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; fields count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
