/** The options of the bundler plugin and of the Next.js helper. */
import { SEVERITIES, type Severity } from '../report.js';
import { UserError } from '../user-error.js';

/** A severity as people write it in a configuration. */
export type SeverityOption = Lowercase<Severity>;

export interface Options {
  /** The project to analyse. Default: the workspace or package that the bundler's root lies in. */
  root?: string;
  /** The configuration, or the path of the file with it. Default: the file in the root, where there is one. */
  config?: string | object;
  /** From which severity on a finding fails the build; below it, and with `false`, it is a warning. Default: what the configuration says, else `false`. */
  failOn?: SeverityOption | false;
  /** Report findings only in these folders and files, as paths or globs relative to the root; the whole project is analysed all the same. */
  include?: string | readonly string[];
  /** `false`: nothing is cached on disk. A string: the folder to cache in. Default: `node_modules/.cache/authlint` in the root. */
  cache?: boolean | string;
  /** Vite only: from which severity on a finding covers the page in development. Default: that of `failOn`, and without one `high`. */
  overlay?: SeverityOption | boolean;
}

/** The options as the adapters use them. */
export interface Settings {
  root: string | undefined;
  config: object | undefined;
  configFile: string | undefined;
  /** `undefined`: as the configuration says. */
  failOn: Severity | false | undefined;
  /** `true`: as `failOn`. */
  overlay: Severity | boolean;
  include: readonly string[];
  cache: boolean | string;
}

const NAMES: readonly (keyof Options)[] = ['root', 'config', 'failOn', 'include', 'cache', 'overlay'];

/** Throws a {@link UserError} that names the option which is wrong. */
export function settingsFrom(options: Options = {}): Settings {
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) throw new UserError(`authlint: there is no option \`${name}\`; there are ${NAMES.join(', ')}`);
  }
  const { root, config, include = [], cache = true, overlay = true } = options;
  if (root !== undefined && typeof root !== 'string') throw wrong('root', 'the path of a folder');
  if (config !== undefined && typeof config !== 'string' && (typeof config !== 'object' || config === null)) throw wrong('config', 'an object or the path of a file');
  if (typeof cache !== 'boolean' && typeof cache !== 'string') throw wrong('cache', '`true`, `false`, or the path of a folder');
  const paths = typeof include === 'string' ? [include] : include;
  if (!Array.isArray(paths) || paths.some((path) => typeof path !== 'string')) throw wrong('include', 'a path or an array of paths');
  return {
    root,
    config: typeof config === 'object' ? config : undefined,
    configFile: typeof config === 'string' ? config : undefined,
    failOn: options.failOn === undefined ? undefined : severity('failOn', options.failOn),
    overlay: overlay === true || severity('overlay', overlay),
    include: (paths as string[]).map(tidy),
    cache,
  };
}

function severity(name: keyof Options, value: unknown): Severity | false {
  if (value === false) return false;
  const found = SEVERITIES.find((known) => known === String(value).toUpperCase());
  if (!found) throw wrong(name, `\`false\` or one of ${SEVERITIES.map((known) => `'${known.toLowerCase()}'`).join(', ')}`);
  return found;
}

/** `./src/api/` → `src/api`. */
function tidy(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '').replace(/\/+$/, '').replace(/^\.$/, '');
}

function wrong(name: keyof Options, expected: string): UserError {
  return new UserError(`authlint: the option \`${name}\` must be ${expected}`);
}
