import type { ConnectResult } from '../../commands/connect.ts';
import type { DisconnectResult } from '../../commands/disconnect.ts';
import { shellWord } from '../../shell-word.ts';
import type { Style } from '../style.ts';

export function connectScreen({ kind, route, server }: ConnectResult, style: Style): string {
  const said = kind === 'already' ? 'is connected already' : 'is connected to its provider';
  return `${style.ok('✓')} ${route} ${said}   ${style.dim(server)}\n\nNext    mcpgw tools ${shellWord(route)}\n`;
}

export function disconnectScreen({ connected, route }: DisconnectResult, style: Style): string {
  if (connected) return `${style.warn('!')} ${route} is still connected; another gateway may have renewed its token\n`;
  return `${style.ok('✓')} nothing is stored for ${route} any more; the next sign-in asks its provider anew\n`;
}
