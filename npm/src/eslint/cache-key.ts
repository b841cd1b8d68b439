/**
 * ESLint's `--cache` keeps what it found in a file for as long as that file and the configuration stay the same. A finding of authlint may
 * come and go with an edit in another file, so the findings have to be a part of the configuration.
 */
import type { Linter } from 'eslint';
import { join, resolve } from 'node:path';
import { hash } from '../content.js';
import { openProject } from '../found-project.js';
import type { Report } from '../report.js';
import { findProject } from '../root.js';
import { optionsOf } from './hosted-project.js';
import type { Settings } from './settings.js';

/** Whatever a configuration lets through, these do: the key need not know the settings of the presets. */
const ALL = { minSeverity: 'low', reportUnknown: true };

/**
 * For `--cache`: an entry of the configuration that is another one whenever the findings are. `folder` is one in the project, mostly
 * `import.meta.dirname`; the settings are those of `settings.authlint`, where there are any.
 */
export function cacheKey(folder: string, settings: Omit<Settings, 'state'> = {}): Linter.Config {
  let state: string;
  try {
    const place = settings.root === undefined ? findProject(join(resolve(folder), 'package.json')) : { root: resolve(settings.root) };
    const project = openProject({ ...place, ...optionsOf({ ...settings, config: { ...settings.config, ...ALL } }) }, settings.root === undefined);
    state = stateOf(project.report());
    project.dispose();
  } catch (error) {
    state = String(error); // It is reported when the first file is linted.
  }
  return { name: 'authlint/cache-key', settings: { authlint: { state } } };
}

/** The endpoints as well: other settings may make findings of them. Where they stand does not matter then. */
function stateOf({ findings: { findings, errors }, inventory: { endpoints } }: Report): string {
  const verdicts = endpoints.map(({ method, path, file, auth, why, guards }) => [method, path, file, auth, why, guards.map(({ name, effect }) => [name, effect])]);
  return hash(Buffer.from(JSON.stringify([findings, errors, verdicts])));
}
