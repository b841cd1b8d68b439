/**
 * A configuration that is a module.
 *
 * TypeScript is read by Node itself where it can (22.18 and later); before that, sucrase takes the types away. It is the smallest library
 * that does (0.4 MB of JavaScript, synchronous; jiti, which carries Babel, has 1.7 MB: more than the engine), and is loaded only then.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { UserError } from '../user-error.js';

const TYPESCRIPT = /\.[cm]?ts$/;

/** What a module exports as its default, synchronously. Throws a {@link UserError} that names it `shown`. */
export function requireModule(path: string, shown: string): unknown {
  const require = createRequire(path);
  try {
    return defaultOf(quietly(() => (isForeign(path) ? withTypeScript(() => require(path) as unknown) : (require(path) as unknown))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_REQUIRE_ASYNC_MODULE') {
      throw new UserError(`${shown}: it uses top-level \`await\`, and ESLint's rules are synchronous; leave the \`await\` out`);
    }
    throw complaint(path, shown, error);
  }
}

/** As {@link requireModule}; a module that changed since is loaded anew. */
export async function importModule(path: string, shown: string): Promise<unknown> {
  // A query makes another module of what is ESM; CommonJS is known by its file alone.
  delete createRequire(path).cache[realpathSync(path)];
  if (path.endsWith('.cjs')) return requireModule(path, shown);
  try {
    if (isForeign(path)) return defaultOf(await withTypeScriptAsync(path));
    return defaultOf(await quietly(() => import(`${pathToFileURL(path).href}?${statSync(path).mtimeMs}`)));
  } catch (error) {
    throw complaint(path, shown, error);
  }
}

/** Without Node's advice to name the type of the package: nobody runs authlint to hear that. */
function quietly<T>(load: () => T): T {
  const emit = process.emitWarning;
  const restore = (): void => void (process.emitWarning = emit);
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    // The code is an argument, or a property of the options.
    if (rest.some((argument) => (typeof argument === 'object' && argument !== null && 'code' in argument ? argument.code : argument) === 'MODULE_TYPELESS_PACKAGE_JSON')) return;
    (emit as (...args: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  let isPending = false;
  try {
    const loaded = load();
    if (loaded instanceof Promise) {
      isPending = true;
      void loaded.then(restore, restore);
    }
    return loaded;
  } finally {
    if (!isPending) restore();
  }
}

/** Whether this Node needs help with the file. */
function isForeign(path: string): boolean {
  return TYPESCRIPT.test(path) && !(process.features as { typescript?: unknown }).typescript;
}

function defaultOf(module: unknown): unknown {
  if (typeof module !== 'object' || module === null) return module;
  const isEsm = Symbol.toStringTag in module || '__esModule' in module;
  const value: unknown = 'default' in module ? module.default : isEsm ? undefined : module;
  // What `import()` makes of a module that sucrase has turned into CommonJS, or of one that another tool has.
  return typeof value === 'object' && value !== null && '__esModule' in value && 'default' in value ? value.default : value;
}

type Extension = (module: NodeJS.Module & { _compile(code: string, path: string): void }, path: string) => void;

/** Lets `require` read TypeScript for as long as the action runs. */
function withTypeScript<T>(action: () => T): T {
  const restore = readTypeScript();
  try {
    return action();
  } finally {
    restore();
  }
}

/** What a module exports that may use top-level `await`. */
async function withTypeScriptAsync(path: string): Promise<unknown> {
  const restore = readTypeScript(realpathSync(path));
  try {
    return await (createRequire(path)(path) as Promise<unknown>);
  } finally {
    restore();
  }
}

/** Lets `require` read TypeScript until what this gives is called. `awaited`: the file whose exports are to be a promise. */
function readTypeScript(awaited?: string): () => void {
  // Loaded here and not above: who needs no TypeScript does not wait for it.
  const { transform } = createRequire(import.meta.url)('./sucrase.js') as typeof import('sucrase');
  const extensions = (Module as unknown as { _extensions: Record<string, Extension | undefined> })._extensions;
  const before = ['.ts', '.mts', '.cts'].map((extension) => [extension, extensions[extension]] as const);
  for (const [extension] of before) {
    extensions[extension] = (module, path) => {
      const { code } = transform(readFileSync(path, 'utf8'), { transforms: ['typescript', 'imports'], filePath: path, disableESTransforms: true });
      // On the line of the first statement: an error keeps its place.
      module._compile(path === awaited ? `module.exports = (async (module) => { ${code}\nreturn module.exports; })({ exports });` : code, path);
    };
  }
  return () => {
    for (const [extension, handler] of before) {
      if (handler) extensions[extension] = handler;
      else delete extensions[extension];
    }
  }
}

function complaint(path: string, shown: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (!(error instanceof Error)) return new UserError(`${shown}: the configuration failed: ${String(error)}`);
  // A syntax error says its place on the first line of the stack: `/a/b.js:3`; what was imported has a query.
  const place = new RegExp(`${path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?:\\?[\\d.]+)?:(\\d+)`).exec(error.stack ?? '')?.[1];
  return new UserError(`${shown}${place === undefined ? '' : `:${place}`}: the configuration failed: ${error.message.split('\n')[0]}`);
}
