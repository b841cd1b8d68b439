/** Where Next's configuration stands: `next build web` runs in the folder of the shell, and does not tell the configuration another one. */
import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** To be called while the configuration is evaluated: it is who calls, at once or by way of a package that several projects share. */
export function configFolder(): string {
  const file = callers().find((path) => isAbsolute(path) && /^next\.config\.\w/.test(basename(path)));
  const own = process.cwd();
  // A link to a configuration elsewhere: Node evaluates that one, but the project is here.
  return file === undefined || real(join(own, basename(file))) === file ? own : dirname(file);
}

/** The files of the functions that are running, the innermost first. */
function callers(): string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = Infinity;
    Error.prepareStackTrace = (_error, sites) => sites;
    const sites = new Error().stack as unknown as NodeJS.CallSite[];
    return sites.map((site) => site.getFileName() ?? '').map((name) => (name.startsWith('file:') ? fileURLToPath(name) : name));
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
