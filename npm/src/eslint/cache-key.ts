/**
 * ESLint's `--cache` keeps what it found in a file for as long as that file and the configuration stay the same. A finding of authlint may
 * come and go with an edit in another file, so the findings have to be a part of the configuration.
 */
import type { Linter } from 'eslint';
import { hash } from '../content.js';
import { createProject } from '../live-project.js';
import { optionsOf } from './hosted-project.js';
import type { Settings } from './settings.js';

/**
 * For `--cache`: an entry of the configuration that is another one whenever the findings are. `root` is the project's folder, mostly
 * `import.meta.dirname`; the settings are those of `settings.authlint`, where there are any.
 */
export function cacheKey(root: string, settings: Omit<Settings, 'root' | 'state'> = {}): Linter.Config {
  let state: string;
  try {
    const project = createProject({ root, ...optionsOf(settings) });
    const { findings, errors } = project.report().findings;
    project.dispose();
    state = hash(Buffer.from(JSON.stringify([findings, errors])));
  } catch (error) {
    state = String(error); // It is reported when the first file is linted.
  }
  return { name: 'authlint/cache-key', settings: { authlint: { state } } };
}
