// The completion script for zsh.

import type { Command, OptionDefinition } from "../command.ts";
import { leafCommands } from "../verbs.ts";
import {
  briefly,
  type CompletionModel,
  optionsOf,
  rootOptions,
  wordsFor,
} from "./completion-model.ts";

export function zshCompletion(model: CompletionModel): string {
  const described = model.commands.map(
    (command) => `    ${quoted(`${escaped(command.name)}:${command.summary}`)}`,
  );
  const root = rootOptions
    .flatMap((option) => optionSpecs(option, model))
    .map((spec) => `    ${spec}`);
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
  const { name, verbs } = command;
  if (verbs === undefined)
    return `        ${name})\n${argumentLines(command, model)}\n          ;;`;
  const options = optionsOf(command).flatMap((option) => optionSpecs(option, model));
  const words = verbs.map((verb) => verb.name).join(" ");
  const cases = leafCommands(command).map((leaf, index) => {
    const pattern = [verbs[index]!.name, ...(verbs[index]!.aliases ?? [])].join("|");
    return `            ${pattern})\n${argumentLines(leaf, model)}\n            ;;`;
  });
  return `        ${name})
          _arguments -C \\
${options.map((spec) => `            ${spec} \\`).join("\n")}
            ${quoted(`1:verb:(${words})`)} \\
            '*:: :->verb'
          [ "$state" = verb ] && case "\${line[1]}" in
${cases.join("\n")}
          esac
          ;;`;
}

function argumentLines(command: Command, model: CompletionModel): string {
  const specs = optionsOf(command).flatMap((option) => optionSpecs(option, model));
  const { operand } = command;
  if (operand !== undefined) {
    const place = operand.repeatable ? "*" : "1";
    specs.push(quoted(`${place}:${operand.name}:${action(wordsFor(operand.completes, model))}`));
  }
  const lines = specs.map((spec) => `            ${spec}`).join(" \\\n");
  return `          _arguments \\\n${lines}`;
}

/** One for each spelling; the spellings exclude each other unless the option can be repeated. */
function optionSpecs(option: OptionDefinition, model: CompletionModel): string[] {
  const { name, short, value, repeatable, description } = option;
  const spellings = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  const before = repeatable ? "*" : spellings.length > 1 ? `(${spellings.join(" ")})` : "";
  const text = `[${briefly(description).replace(/[[\]\\:]/g, "\\$&")}]`;
  const after =
    value === undefined ? "" : `:${escaped(value)}:${action(wordsFor(option.completes, model))}`;
  return spellings.map((spelling) => quoted(`${before}${spelling}${text}${after}`));
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
