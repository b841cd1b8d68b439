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
import { isFailing } from './split.js';
import { isFirstOfBuild, type ViteConfig, type ViteContext } from './vite-build.js';
import { serve, type ViteServer } from './vite-server.js';
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
  let config: ViteConfig | undefined;
  const servers = new Map<ViteConfig, () => void>();
  const builds = new WeakMap<object, { result: Promise<Result>; isRepeated: boolean }>();
  const own: ViteContext['environment'] = { name: 'client' };
  /** Vite 5 has no environments. One plugin may serve several builds at a time. */
  const environmentOf = (context: unknown) => (context as ViteContext).environment ?? own;
  return {
    vite: {
      configResolved(resolved: ViteConfig) {
        config = resolved;
      },
      configureServer(server: ViteServer) {
        if (!process.env['VITEST']) servers.set(server.config, serve(server, analysisOf(settings, server.config.root), settings));
      },
      closeBundle() {
        // A restart has the new server run before it ends the old one.
        const its = environmentOf(this).getTopLevelConfig?.() ?? [...servers.keys()][0];
        if (!its) return;
        servers.get(its)?.();
        servers.delete(its);
      },
    },
    buildStart() {
      const environment = environmentOf(this);
      const its = environment.getTopLevelConfig?.() ?? config!;
      if (its.command !== 'build') return;
      const isRepeated = !isFirstOfBuild(its.inlineConfig, settings, environment.name);
      builds.set(environment, { result: analysisOf(settings, its.root).run(), isRepeated });
    },
    async buildEnd(error?: Error) {
      const build = builds.get(environmentOf(this));
      if (!build || error) return;
      const result = await build.result;
      if (!build.isRepeated || isFailing(result, settings)) reportToRollup(this as unknown as RollupContext, result, settings, 'message');
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
