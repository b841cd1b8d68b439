/** What most programs ask a project for. */
import type { Project } from './live-project.js';
import type { Endpoint, Finding } from './report.js';

/** The findings of a project as it is now; what changed since the last time is analysed before. */
export function findings(project: Project): Finding[] {
  return project.report().findings.findings;
}

/** All endpoints of a project as it is now, each with its verdict and its guards. */
export function endpoints(project: Project): Endpoint[] {
  return project.report().inventory.endpoints;
}
