/** The fields of what runs in an instance or a public host. */
import { z } from 'zod';
import { listOf, matching, named, object, text } from './schema-parts.ts';

const absolutePath = matching('an absolute path', /^\/[^\0]*[^\0/]$/);
const FILE_MODE_WANTED = 'a file mode such as "0755"';
const fileMode = z.union(
  // Without quotes YAML reads the digits as a decimal number.
  [
    matching(FILE_MODE_WANTED, /^0?[0-7]{3}$/),
    z.int().refine((mode) => /^[0-7]{3}$/.test(String(mode)), { error: FILE_MODE_WANTED }),
  ],
  { error: FILE_MODE_WANTED },
);

export const software = {
  image: text('the name of an image, or a folder')
    .optional()
    .describe('A built-in image (default: linux), or the path of a folder that is the root'),
  layers: listOf('folders', text('a path relative to the lab file'))
    .optional()
    .describe('Folders that are seen above the root, the top one first; nothing is copied'),
  dhcp: z
    .enum(['dhclient', 'udhcpc', 'dhcpcd', 'static'], {
      error: '"dhclient", "udhcpc", "dhcpcd" or "static"',
    })
    .optional()
    .describe('What configures the interfaces'),
  files: z
    .record(
      absolutePath,
      z.union(
        [
          text('a path relative to the lab file'),
          object('a file', { content: z.string({ error: 'text' }), mode: fileMode.optional() }),
          object('a file', {
            source: text('a path relative to the lab file'),
            mode: fileMode.optional(),
          }),
        ],
        { error: 'a path relative to the lab file, or content' },
      ),
      { error: 'a map of absolute paths to files' },
    )
    .optional(),
  start: text('a shell command')
    .optional()
    .describe('Runs once when the interfaces are configured'),
  daemons: named('shell commands', text('a shell command')).optional(),
  env: z
    .record(
      matching('the name of an environment variable', /^[A-Za-z_]\w*$/),
      z.union([z.string(), z.number(), z.boolean()], { error: 'text' }),
      { error: 'a map of variables to values' },
    )
    .optional(),
};

export interface LabFileSoftware extends z.infer<z.ZodObject<typeof software>> {}
