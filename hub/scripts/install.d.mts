export function adviceFor(npmOutput: string): string;
export function withoutPackageBins(path: string): string;
