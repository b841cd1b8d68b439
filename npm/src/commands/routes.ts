/** `authlint routes`: the inventory of all endpoints. */
import { printInventory } from '../print/inventory.js';
import type { Place, Report } from '../report.js';
import { analyseLocated, printJson, type CommonOptions } from './common.js';

export interface RoutesOptions extends CommonOptions {
  format: 'text' | 'json';
}

/** Gives the exit code. */
export async function runRoutes(options: RoutesOptions): Promise<number> {
  const analysed = await analyseLocated(options);
  const report = inFolder(analysed.report, analysed.options.within);
  if (options.format === 'json') printJson({ ...report.inventory, errors: report.findings.errors });
  else printInventory(report, process.stdout);
  return 0;
}

/** What the folder of the project holds that the user stands in. */
function inFolder(report: Report, folder: string): Report {
  if (folder === '') return report;
  const isInside = ({ file }: Place) => file.startsWith(`${folder}/`);
  const { inventory } = report;
  return { ...report, inventory: { ...inventory, endpoints: inventory.endpoints.filter(isInside), unknown: inventory.unknown.filter(isInside) } };
}
