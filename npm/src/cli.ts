export async function main(argv: string[]): Promise<void> {
  const { analyseProject } = await import('./project.js');
  const at = argv.indexOf('--root');
  const report = await analyseProject({ root: at >= 0 ? argv[at + 1]! : '.', onTimings: (t) => console.error(JSON.stringify(t)) });
  console.log(JSON.stringify(argv[0] === 'routes' ? report.inventory : report.findings));
}
