/** Completion scripts for bash and zsh, written from the commands themselves. */
import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh';

/** What the first argument of a command is; the names are asked for when the key is pressed. */
const INSTANCE_COMMANDS: ReadonlySet<string> = new Set([
  'exec',
  'shell',
  'connect',
  'logs',
  'capture',
  'flow-logs',
  'explain',
]);

interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly string[];
  readonly takesInstance: boolean;
}

/** @returns a script to source. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = program.commands
    .filter((command) => !command.name().startsWith('__'))
    .flatMap((command) =>
      [command.name(), ...command.aliases()].map(
        (name): CompletedCommand => ({
          name,
          description: command.description(),
          flags: [...command.options.flatMap((option) => option.long ?? []), '--help'],
          takesInstance: INSTANCE_COMMANDS.has(name),
        }),
      ),
    );
  return shell === 'bash' ? bashScript(commands) : zshScript(commands);
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ name, flags, takesInstance }) =>
      `    ${name}) flags="${flags.join(' ')}"; instances=${takesInstance ? 1 : 0} ;;`,
  );
  return `# vpclab completion for bash: source <(vpclab completion bash)
_vpclab() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} flags="" instances=0
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$word"))
    return
  fi
  case "$command" in
${cases.join('\n')}
    *) return ;;
  esac
  case "\${COMP_WORDS[COMP_CWORD - 1]}" in
    -n | --name) COMPREPLY=($(compgen -W "$(vpclab __complete labs 2>/dev/null)" -- "$word")); return ;;
    -t | --topo | -w | --write | --junit | --to | -o | --output) compopt -o default; return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [ "$instances" -eq 1 ]; then
    COMPREPLY=($(compgen -W "$(vpclab __complete instances 2>/dev/null)" -- "$word"))
  else
    compopt -o default
  fi
}
complete -F _vpclab vpclab
`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const described = commands.map(
    ({ name, description }) => `    ${zshQuote(`${name}:${description.replaceAll(':', ' ')}`)}`,
  );
  const cases = commands.map(
    ({ name, flags, takesInstance }) =>
      `    ${name}) flags=(${flags.join(' ')}); instances=${takesInstance ? 1 : 0} ;;`,
  );
  return `#compdef vpclab
# vpclab completion for zsh: source <(vpclab completion zsh)
_vpclab() {
  local -a commands flags names
  local instances=0
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "\${words[2]}" in
${cases.join('\n')}
    *) return ;;
  esac
  case "\${words[CURRENT-1]}" in
    -n|--name) names=(\${(f)"$(vpclab __complete labs 2>/dev/null)"}); compadd -a names; return ;;
    -t|--topo|-w|--write|--junit|--to|-o|--output) _files; return ;;
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    compadd -a flags
  elif (( instances )); then
    names=(\${(f)"$(vpclab __complete instances 2>/dev/null)"})
    compadd -a names
  else
    _files
  fi
}
compdef _vpclab vpclab
`;
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
