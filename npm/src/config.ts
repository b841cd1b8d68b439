/**
 * The configuration, one for all hosts: `authlint.config.{json,jsonc,js,mjs,cjs,ts,mts,cts}` in the root or the package, or a file that the user names.
 *
 * What its keys mean is the engine's to say, except for those that concern what a host makes of the findings: `failOn` and `baseline`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { splitConfig, type HostConfig } from './config/host-keys.js';
import { lineOfKey, parseJson } from './config/json.js';
import { importModule, requireModule } from './config/module.js';
import { CONFIG_NAMES } from './config/names.js';
import type { AuthlintConfig } from './config/types.js';
import { reason } from './discover.js';
import { UserError } from './user-error.js';

export type { HostConfig } from './config/host-keys.js';
export { CONFIG_NAMES } from './config/names.js';
export type { AuthlintConfig } from './config/types.js';

export interface ConfigFile {
  /** As the user would write it. */
  path: string;
  /** Of a JSON file, to find the line of a key. */
  text?: string;
  /** The engine's part. */
  value: unknown;
  /** The hosts' part; `baseline` is absolute. */
  host: HostConfig;
}

/** Gives a configuration back as it is: for the types and the completion that an editor then offers. */
export function defineConfig(config: AuthlintConfig): AuthlintConfig {
  return config;
}

/**
 * The configuration of a project, if there is one: in its root, or between that and the folder `from`, a package of a workspace. A project
 * has one configuration: throws where there are several.
 */
export function findConfig(root: string, from = root): string | undefined {
  const found = configPlaces(root, from).flatMap((folder) => CONFIG_NAMES.filter((name) => existsSync(join(folder, name))).map((name) => join(folder, name)));
  if (found.length > 1) {
    const names = found.map((path) => relative(root, path).split(sep).join('/'));
    throw new UserError(`there are several configurations in ${root}: ${names.join(' and ')}; keep one, or choose with --config`);
  }
  return found[0];
}

/** The folders from `from` up to the root. */
export function configPlaces(root: string, from = root): string[] {
  const places = [from];
  const depth = relative(root, from);
  if (depth === '' || depth.startsWith('..')) return [root];
  for (const _ of depth.split(sep)) places.push(join(places.at(-1)!, '..'));
  return places;
}

/**
 * Reads the file that the user named, or the one of the project where there is one. Throws a {@link UserError}.
 * Synchronous, as ESLint's rules are: a module may not use top-level `await`, and one that was loaded before is not loaded again.
 */
export function loadConfig(root: string, named?: string, from?: string): ConfigFile | undefined {
  const path = named ?? findConfig(root, from);
  if (path === undefined) return undefined;
  const file = isModule(path) ? fromModule(path, requireModule(existing(path), path)) : fromJson(path);
  return named === undefined ? seenFrom(root, file) : file;
}

/** As {@link loadConfig}; a module may use top-level `await`, and what changed on disk since is read. */
export async function loadConfigAsync(root: string, named?: string, from?: string): Promise<ConfigFile | undefined> {
  const path = named ?? findConfig(root, from);
  if (path === undefined) return undefined;
  const file = isModule(path) ? fromModule(path, await importModule(existing(path), path)) : fromJson(path);
  return named === undefined ? seenFrom(root, file) : file;
}

/** A complaint about a configuration, with the line of the key that it names where that can be found. */
export function configComplaint(file: ConfigFile | undefined, message: string): UserError {
  return file ? complaintAbout(file.path, file.text, message) : new UserError(message);
}

function complaintAbout(path: string, text: string | undefined, message: string): UserError {
  const line = text === undefined ? undefined : lineOfKey(text, message);
  return new UserError(line === undefined ? `${path}: ${message}` : `${path}:${line}: ${message}`);
}

function fromJson(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UserError(`the configuration ${path} could not be read: ${reason(error)}`);
  }
  return parseConfig(path, text);
}

/** The configuration that this text of a JSON file is. Throws a {@link UserError}. */
export function parseConfig(path: string, text: string): ConfigFile {
  return fromValue(path, text, parseJson(path, text));
}

function fromModule(path: string, value: unknown): ConfigFile {
  if (value === undefined) throw new UserError(`${path}: it exports no configuration; say \`export default defineConfig({ … })\``);
  return fromValue(path, undefined, value);
}

/** The engine takes globs relative to the root; whoever writes them in a package means that. */
function seenFrom(root: string, file: ConfigFile): ConfigFile {
  const folder = relative(root, dirname(file.path)).split(sep).join('/');
  const { ignore } = file.value as { ignore?: unknown };
  if (folder === '' || !Array.isArray(ignore)) return file;
  const globs = ignore.map((glob: unknown) => (typeof glob === 'string' ? `${folder}/${glob.replace(/^(?:\.\/)+/, '')}` : glob));
  return { ...file, value: { ...(file.value as object), ignore: globs } };
}

function fromValue(path: string, text: string | undefined, config: unknown): ConfigFile {
  try {
    const { value, host } = splitConfig(config);
    if (host.baseline !== undefined) host.baseline = resolve(dirname(path), host.baseline);
    return { path, ...(text === undefined ? {} : { text }), value, host };
  } catch (error) {
    throw complaintAbout(path, text, (error as Error).message);
  }
}

export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(basename(path));
}

function existing(path: string): string {
  if (!existsSync(path)) throw new UserError(`the configuration ${path} could not be read: no such file`);
  return resolve(path);
}
