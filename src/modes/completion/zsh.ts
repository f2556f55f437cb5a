// The completion script for zsh.

import type { Command, OptionDefinition } from "../command.ts";
import { type CompletionModel, optionsOf, rootOptions, wordsFor } from "./completion-model.ts";

export function zshCompletion(model: CompletionModel): string {
  const described = model.commands.map(
    (command) => `    ${quoted(`${escaped(command.name)}:${command.summary}`)}`,
  );
  const root = rootOptions.map((option) => `    ${quoted(optionSpec(option, model))}`);
  return `#compdef trogdor
# zsh completion for trogdor; made by \`trogdor completion zsh\`
_trogdor() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  local curcontext="$curcontext" state line
  _arguments -C \\
${root.map((line) => `${line} \\`).join("\n")}
    '1: :->command' \\
    '*:: :->argument'
  case "$state" in
    command) _describe command commands ;;
    argument)
      case "\${line[1]}" in
${model.commands.map((command) => commandCase(command, model)).join("\n")}
      esac
      ;;
  esac
}
if [ "\${funcstack[1]}" = "_trogdor" ]; then
  _trogdor "$@"
else
  compdef _trogdor trogdor
fi
`;
}

function commandCase(command: Command, model: CompletionModel): string {
  const specs = optionsOf(command).map((option) => quoted(optionSpec(option, model)));
  const { operand } = command;
  if (operand !== undefined) {
    const place = operand.repeatable ? "*" : "1";
    specs.push(quoted(`${place}:${operand.name}:${action(wordsFor(operand.completes, model))}`));
  }
  const lines = specs.map((spec) => `            ${spec}`).join(" \\\n");
  return `        ${command.name})\n          _arguments \\\n${lines}\n          ;;`;
}

function optionSpec(option: OptionDefinition, model: CompletionModel): string {
  const text = `[${option.description.replace(/[[\]\\:]/g, "\\$&")}]`;
  const repeat = option.repeatable ? "*" : "";
  const value =
    option.value === undefined
      ? ""
      : `:${escaped(option.value)}:${action(wordsFor(option.completes, model))}`;
  return `${repeat}--${option.name}${text}${value}`;
}

function action(words: readonly string[] | undefined): string {
  if (words === undefined) return "_files";
  return words.length === 0 ? " " : `(${words.join(" ")})`;
}

function escaped(text: string): string {
  return text.replace(/:/g, "\\:");
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}
