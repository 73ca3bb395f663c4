export interface Option {
  flags: string;
  summary: string;
  required?: boolean;
  choices?: readonly string[];
}

export interface Argument {
  /** `<name>` is required, `[name]` is not. */
  name: string;
  summary: string;
}

export interface Command {
  name: string;
  summary: string;
  /** Paragraphs of the command's own help. */
  details?: readonly string[];
  args?: readonly Argument[];
  options?: readonly Option[];
  /** Where its `run` is; absent for a command that only has commands below it. */
  module?: string;
  commands?: readonly Command[];
}

export interface Program {
  name: string;
  summary: string;
  commands: readonly Command[];
  exitCodes: readonly string[];
}

export const program: Program;
export function programHelp(table?: Program): string;
