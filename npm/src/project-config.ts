/** The configuration of a project that lives on: the last one that could be used stays. */
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { CONFIG_NAMES, configComplaint, configPlaces, loadConfig, type ConfigFile, type HostConfig } from './config.js';
import { splitConfig } from './config/host-keys.js';
import { ConfigError } from './engine.js';
import type { ProjectOptions } from './project.js';
import type { InputError } from './report.js';
import { UserError } from './user-error.js';

/** Tries a configuration; throws a {@link ConfigError} where the engine does not take it. */
export type Trial = (value: unknown) => void;

/** Reads the configuration, as {@link loadConfig} does: a host that may wait has it loaded before. */
export type ReadConfig = typeof loadConfig;

export class ProjectConfig {
  readonly #root: string;
  readonly #options: ProjectOptions;
  readonly #read: ReadConfig;
  #file: ConfigFile | undefined;
  #value: unknown;
  #host: HostConfig = {};
  /** What is wrong with the configuration as it stands in its file now. */
  problem: string | undefined;

  /** Throws a {@link ConfigError} that names file and line. */
  constructor(root: string, options: ProjectOptions, trial: Trial, read: ReadConfig = loadConfig) {
    this.#root = root;
    this.#options = options;
    this.#read = read;
    this.reload(trial, true);
    if (this.problem !== undefined) throw new ConfigError(this.problem);
  }

  get value(): unknown {
    return this.#value;
  }

  /** What the host does with the findings; `baseline` is absolute. */
  get host(): HostConfig {
    return this.#host;
  }

  /** Absolute. */
  get path(): string | undefined {
    return this.#file && resolve(this.#file.path);
  }

  /** Whether the configuration stands, or would stand, in this file: an absolute path. */
  isAt(path: string): boolean {
    const { configFile } = this.#options;
    return path === this.path || (configFile !== undefined && path === resolve(configFile)) || (CONFIG_NAMES.includes(basename(path)) && configPlaces(this.#root, this.#options.configFrom).includes(dirname(path)));
  }

  /** Reads the file again. Says whether another configuration holds now. */
  reload(trial: Trial, isFirst = false): boolean {
    let file: ConfigFile | undefined;
    try {
      file = this.#options.config === undefined ? this.#read(this.#root, this.#options.configFile, this.#options.configFrom) : undefined;
      const value = this.#complete(file ? file.value : this.#options.config);
      this.problem = undefined;
      const isOther = isFirst || JSON.stringify(value) !== JSON.stringify(this.#value);
      if (isOther) trial(value);
      this.#file = file;
      this.#value = value;
      // What stands in the file was taken apart when it was read; here, what was given directly.
      const { host } = splitConfig(value ?? {});
      if (host.baseline !== undefined) host.baseline = resolve(this.#root, host.baseline);
      this.#host = { ...file?.host, ...host };
      return isOther;
    } catch (error) {
      if (error instanceof ConfigError) this.problem = configComplaint(file, error.message).message;
      else if (error instanceof UserError) this.problem = error.message;
      else throw error;
      return false;
    }
  }

  /** The problem as an error of the report, with file and line. */
  error(relative: (path: string) => string | undefined): InputError | undefined {
    if (this.problem === undefined) return undefined;
    const [, path, line] = /^(.+?):(\d+)(?::\d+)?: /.exec(this.problem) ?? /^(\S+?): /.exec(this.problem) ?? [];
    const file = path !== undefined && isAbsolute(path) ? relative(path) : path;
    return { file: file ?? 'authlint.config.json', line: Number(line ?? 1), message: this.problem };
  }

  #complete(value: unknown): unknown {
    const { overrides } = this.#options;
    return overrides ? { ...(value as object | undefined), ...overrides } : value;
  }
}
