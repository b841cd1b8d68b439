/**
 * The configuration of a bundler's project, read before the project asks for it: unlike ESLint, a bundler may wait. So a module may use
 * top-level `await`, and one that was edited is read again.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_NAMES, configPlaces, loadConfigAsync, type ConfigFile } from '../config.js';

export class ConfigReader {
  readonly #root: string;
  readonly #named: string | undefined;
  readonly #from: string | undefined;
  #outcome: () => ConfigFile | undefined = () => undefined;

  constructor(root: string, named: string | undefined, from: string | undefined) {
    this.#root = root;
    this.#named = named;
    this.#from = from;
  }

  /** Reads the file; what is wrong with it is said by {@link read}. */
  async load(): Promise<void> {
    try {
      const file = await loadConfigAsync(this.#root, this.#named, this.#from);
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
    const places = configPlaces(this.#root, this.#from);
    return places.flatMap((place) => CONFIG_NAMES.map((name) => join(place, name))).filter((path) => existsSync(path));
  }
}
