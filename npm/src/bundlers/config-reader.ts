/**
 * The configuration of a bundler's project, read before the project asks for it: unlike ESLint, a bundler may wait. So a module may use
 * top-level `await`, and one that was edited is read again.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_NAMES, loadConfigAsync, type ConfigFile } from '../config.js';

export class ConfigReader {
  readonly #root: string;
  readonly #named: string | undefined;
  #outcome: () => ConfigFile | undefined = () => undefined;

  constructor(root: string, named: string | undefined) {
    this.#root = root;
    this.#named = named;
  }

  /** Reads the file; what is wrong with it is said by {@link read}. */
  async load(): Promise<void> {
    try {
      const file = await loadConfigAsync(this.#root, this.#named);
      this.#outcome = () => file;
    } catch (error) {
      this.#outcome = () => {
        throw error;
      };
    }
  }

  /** As `loadConfig`. */
  readonly read = (): ConfigFile | undefined => this.#outcome();

  /** Where a configuration stands, whether it can be used or not. */
  paths(): string[] {
    if (this.#named !== undefined) return [this.#named];
    return CONFIG_NAMES.map((name) => join(this.#root, name)).filter((path) => existsSync(path));
  }
}
