/**
 * The plugin for all bundlers. It looks at the project on disk, not at the bundle: the analysis starts with the build, runs beside it in a
 * thread of its own, and is reported at its end in the host's own way.
 */
import { createUnplugin, type UnpluginContextMeta, type UnpluginInstance, type UnpluginOptions } from 'unplugin';
import { analysisOf } from './analysis.js';
import type { Result } from './protocol.js';
import { esbuildSetup } from './esbuild.js';
import { settingsFrom, type Options, type Settings } from './options.js';
import { reportToRollup, type RollupContext, type Shown } from './rollup.js';
import { reportAsText } from './text.js';
import { serve, type ViteConfig, type ViteServer } from './vite-server.js';
import { reportToWebpack, type WebpackCompilation } from './webpack.js';

const NAME = 'authlint';

export const unplugin: UnpluginInstance<Options | undefined, false> = createUnplugin((options, meta) => {
  const settings = settingsFrom(options);
  return { name: NAME, ...hooksOf(settings, meta) };
});

function hooksOf(settings: Settings, meta: UnpluginContextMeta): Omit<UnpluginOptions, 'name'> {
  switch (meta.framework) {
    case 'webpack':
      return webpackHooks(settings, (meta.webpack.compiler as { context: string }).context);
    case 'rspack':
      return webpackHooks(settings, (meta.rspack.compiler as { context: string }).context);
    case 'esbuild':
      return { esbuild: { setup: (build) => esbuildSetup(build, settings) } };
    case 'bun':
      return { bun: { setup: (build) => bunSetup(build, settings) } };
    case 'farm':
      return farmHooks(settings);
    case 'vite':
      return viteHooks(settings);
    default:
      return rollupHooks(settings, meta.framework === 'rolldown' ? 'message and place' : 'message, place and frame');
  }
}

function rollupHooks(settings: Settings, shown: Shown): Omit<UnpluginOptions, 'name'> {
  let result: Promise<Result> | undefined;
  return {
    buildStart() {
      result = analysisOf(settings, process.cwd()).run();
    },
    async buildEnd(error?: Error) {
      if (result && !error) reportToRollup(this as unknown as RollupContext, await result, settings, shown);
    },
  };
}

/** As Rollup's for a build, but once for all environments; in development, the server shows the findings. */
function viteHooks(settings: Settings): Omit<UnpluginOptions, 'name'> {
  let root = process.cwd();
  let isBuild = true;
  const results = new Map<string, Promise<Result>>();
  const environmentOf = (context: unknown) => (context as { environment?: { name: string } }).environment?.name ?? 'client';
  return {
    vite: {
      configResolved(config: ViteConfig) {
        root = config.root;
        isBuild = config.command === 'build';
      },
      configureServer(server: ViteServer) {
        if (!process.env['VITEST']) serve(server, analysisOf(settings, root), settings);
      },
    },
    buildStart() {
      if (!isBuild) return;
      const environment = environmentOf(this);
      const analysis = analysisOf(settings, root);
      if (analysis.isFirstOfBuild(environment)) results.set(environment, analysis.run());
      else results.delete(environment);
    },
    async buildEnd(error?: Error) {
      const result = results.get(environmentOf(this));
      if (result && !error) reportToRollup(this as unknown as RollupContext, await result, settings, 'message');
    },
  };
}

function webpackHooks(settings: Settings, root: string): Omit<UnpluginOptions, 'name'> {
  let result: Promise<Result> | undefined;
  return {
    buildStart() {
      result = analysisOf(settings, root).run();
    },
    async buildEnd() {
      const native = this.getNativeBuildContext?.() as { compilation: WebpackCompilation } | undefined;
      if (result && native) reportToWebpack(native.compilation, await result, settings, (file) => this.addWatchFile(file));
    },
  };
}

/** Farm collects warnings of plugins and does not print them. */
function farmHooks(settings: Settings): Omit<UnpluginOptions, 'name'> {
  let root = process.cwd();
  let result: Promise<Result> | undefined;
  return {
    farm: {
      configResolved(config: { root?: string }) {
        root = config.root ?? root;
      },
    },
    buildStart() {
      result = analysisOf(settings, root).run();
    },
    async buildEnd() {
      if (result) reportAsText(await result, settings, console);
    },
  };
}

/** `Bun.build` has no warnings of plugins. */
function bunSetup(build: { config?: { root?: string }; onStart(callback: () => Promise<void>): unknown }, settings: Settings): void {
  build.onStart(async () => reportAsText(await analysisOf(settings, build.config?.root ?? process.cwd()).run(), settings, console));
}
