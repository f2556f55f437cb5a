// The completion script for bash, from version 3.2 on.

import type { Command } from "../command.ts";
import { leafCommands } from "../verbs.ts";
import { type CompletionModel, optionsOf, rootOptions, wordsFor } from "./completion-model.ts";

export function bashCompletion(model: CompletionModel): string {
  const names = model.commands.map((command) => command.name);
  const rootWords = [...names, ...rootOptions.map((option) => `--${option.name}`)].join(" ");
  return `# bash completion for trogdor; made by \`trogdor completion bash\`
_trogdor_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}
_trogdor_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}
_trogdor() {
  local cur=\${COMP_WORDS[COMP_CWORD]}
  local prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _trogdor_words "${rootWords}" "$cur"
    return
  fi
  case "\${COMP_WORDS[1]}" in
${model.commands.map((command) => commandCase(command, model)).join("\n")}
  esac
}
complete -F _trogdor trogdor
`;
}

function commandCase(command: Command, model: CompletionModel): string {
  const { name, verbs } = command;
  if (verbs === undefined) {
    return [`    ${name})`, ...argumentLines(command, model), "      ;;"].join("\n");
  }
  const words = [
    ...verbs.map((verb) => verb.name),
    ...optionsOf(command).map((option) => `--${option.name}`),
  ].join(" ");
  const cases = leafCommands(command).flatMap((leaf, index) => [
    `        ${[verbs[index]!.name, ...(verbs[index]!.aliases ?? [])].join("|")})`,
    ...argumentLines(leaf, model).map((line) => `    ${line}`),
    "          ;;",
  ]);
  return [
    `    ${name})`,
    '      if [ "$COMP_CWORD" -eq 2 ]; then',
    `        _trogdor_words "${words}" "$cur"`,
    "        return",
    "      fi",
    `      case "\${COMP_WORDS[2]}" in`,
    ...cases,
    "      esac",
    "      ;;",
  ].join("\n");
}

function argumentLines(command: Command, model: CompletionModel): string[] {
  const options = optionsOf(command);
  const lines = ['      case "$prev" in'];
  for (const option of options) {
    if (option.value === undefined) continue;
    const short = option.short === undefined ? "" : `-${option.short}|`;
    const action = actionFor(wordsFor(option.completes, model));
    lines.push(`        ${short}--${option.name}) ${action}; return ;;`);
  }
  const words = options.map((option) => `--${option.name}`).join(" ");
  lines.push(
    "        *) ;;",
    "      esac",
    '      case "$cur" in',
    `        -*) _trogdor_words "${words}" "$cur" ;;`,
    `        *) ${actionFor(wordsFor(command.operand?.completes, model))} ;;`,
    "      esac",
  );
  return lines;
}

function actionFor(words: readonly string[] | undefined): string {
  if (words === undefined) return '_trogdor_files "$cur"';
  return words.length === 0 ? ":" : `_trogdor_words "${words.join(" ")}" "$cur"`;
}
