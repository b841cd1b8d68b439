/** What a build of Vite is: it builds `client`, `ssr` and other environments, and the findings are the same in all. */
import type { Settings } from './options.js';

/** What is used of Vite's configuration, from version 5 on. */
export interface ViteConfig {
  root: string;
  command: string;
  /** What `build()` or `createBuilder()` was called with: the same object for all environments, also where each has a plugin of its own. */
  inlineConfig: object;
}

/** What is used of the plugin context. */
export interface ViteContext {
  environment?: { name: string; getTopLevelConfig?(): ViteConfig };
}

/** By what a build was called with, and by the settings of the plugin: the environments that have reported so far. */
const reported = new WeakMap<object, Map<string, Set<string>>>();

/** Whether a build is to report in this environment. One that comes again begins the next build, as in watch mode. */
export function isFirstOfBuild(build: object, settings: Settings, environment: string): boolean {
  const plugins = reported.get(build) ?? new Map<string, Set<string>>();
  reported.set(build, plugins);
  const key = JSON.stringify(settings);
  const environments = plugins.get(key) ?? new Set<string>();
  plugins.set(key, environments);
  if (environments.has(environment)) environments.clear();
  environments.add(environment);
  return environments.size === 1;
}
