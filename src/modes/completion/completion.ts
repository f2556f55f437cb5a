// `trogdor completion`: prints a completion script, derived from the same definitions as the help.

import { didYouMean } from "../../core/nearest-names.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Command } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { bashCompletion } from "./bash.ts";
import { type CompletionModel, completionModel, type Shell, shells } from "./completion-model.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const scripts: Record<Shell, (model: CompletionModel) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const completionCommand: Command = {
  name: "completion",
  summary: summaryOf("completion"),
  operand: {
    name: "SHELL",
    required: true,
    repeatable: false,
    description: `One of ${shells.join(", ")}.`,
    completes: "shells",
  },
  options: [],
  examples: [
    { line: 'eval "$(trogdor completion bash)"', does: "for this bash; put it into ~/.bashrc" },
    {
      line: "trogdor completion zsh > ~/.zfunc/_trogdor",
      does: "for zsh, in a folder of $fpath",
    },
    {
      line: "trogdor completion fish > ~/.config/fish/completions/trogdor.fish",
      does: "for fish",
    },
  ],
  async run(line, host) {
    const name = line.operands[0]!;
    const shell = shells.find((candidate) => candidate === name);
    if (shell === undefined) {
      const near = didYouMean(name, shells) || `; expected ${shells.join(", ")}`;
      throw new TrogdorError("usage", `Unknown shell "${name}"${near}`);
    }
    host.out.write(scripts[shell](await completionModel()));
    return 0;
  },
};
