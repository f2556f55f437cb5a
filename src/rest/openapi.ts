// placeholder
export function openApi(_d: string, _s: object): object {
  return {};
}
