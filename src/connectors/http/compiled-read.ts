/** One read of a manifest with its requests, pager and mapper compiled for one connection. */
import type { ReadDeclaration } from '../port.js';
import { STREAMS } from '../../domain/records.js';
import { compileRequest, type CompiledRequest } from './compile-request.js';
import type { Manifest } from './manifest.schema.js';
import { ReadMapper } from './mapping/read-mapper.js';
import { POSITION_VARIABLE, compilePager, type Pager } from './paging/pager.js';
import { WINDOW_VARIABLES } from './paging/read-windows.js';
import type { Paging, Read, RequestSpec } from './read.schema.js';
import type { TemplateScope } from './template.js';

/** A request together with the paging of its answers. */
export interface Listing {
  readonly request: CompiledRequest;
  /** What follows the first request of a scroll. */
  readonly nextRequest: CompiledRequest | null;
  readonly pager: Pager;
  /** False where the request cannot say where to begin. */
  readonly canAdvance: boolean;
}

export interface CompiledRead {
  readonly name: string;
  readonly spec: Read;
  readonly mapper: ReadMapper;
  readonly listing: Listing;
  readonly targeted: (Listing & { readonly batch: number }) | null;
  /** By identity number. */
  readonly find: Listing | null;
}

/** The identity numbers that `find` asks for: in the body only, for addresses end up in logs. */
export const IDENTITIES_VARIABLE = 'identities';

/** What templates of reads may name. */
export function readVariables(configNames: readonly string[]): readonly string[] {
  return [
    ...WINDOW_VARIABLES,
    'asOf',
    'owners',
    'owner',
    IDENTITIES_VARIABLE,
    'cursor',
    'page',
    'offset',
    'scroll',
    ...configNames.map((name) => `config.${name}`),
  ];
}

export function compileRead(
  manifest: Manifest,
  name: string,
  config: Readonly<Record<string, string | number | boolean>>,
): CompiledRead {
  const spec = manifest.reads[name] as Read;
  const scope: TemplateScope = { variables: readVariables(Object.keys(manifest.config)), codes: manifest.codes };
  const compile = listingCompiler({ scope, stripParameters: credentialParameters(manifest) });
  const { targeted, find } = spec;
  return {
    name,
    spec,
    mapper: new ReadMapper(spec, { codes: manifest.codes, config }),
    listing: compile(spec.request, spec.paging, `reads.${name}`),
    targeted:
      targeted === undefined
        ? null
        : {
            ...compile(targeted.request ?? spec.request, targeted.paging ?? spec.paging, `reads.${name}.targeted`),
            batch: targeted.batch,
          },
    find: find === undefined ? null : compile(find.request, find.paging ?? spec.paging, `reads.${name}.find`),
  };
}

export function declareRead(name: string, spec: Read): ReadDeclaration {
  const ownersFrom = spec.owners?.from ?? null;
  return {
    name,
    streams: STREAMS.filter((stream) => spec.emit[stream] !== undefined),
    after: [...new Set([...spec.after, ...(ownersFrom === null ? [] : [ownersFrom])])],
    includesLeavers: spec.includesLeavers,
    targeted: spec.targeted !== undefined,
    ownersFrom,
    ...(spec.find === undefined ? {} : { finds: spec.find.batch }),
  };
}

interface ListingContext {
  readonly scope: TemplateScope;
  readonly stripParameters: readonly string[];
}

function listingCompiler({
  scope,
  stripParameters,
}: ListingContext): (request: RequestSpec, paging: Paging, where: string) => Listing {
  return (spec, paging, where) => {
    const request = compileRequest(spec, scope, `${where}.request`);
    const variable = POSITION_VARIABLE[paging.type];
    return {
      request,
      nextRequest: paging.type === 'scroll' ? compileRequest(paging.next, scope, `${where}.paging.next`) : null,
      pager: compilePager(paging, stripParameters),
      canAdvance: paging.type === 'scroll' || variable === null || request.mentions(variable),
    };
  };
}

/** Query parameters that carry credentials: they are not kept in next links. */
function credentialParameters(manifest: Manifest): readonly string[] {
  const { auth, sign } = manifest;
  const place = auth.type === 'token' || auth.type === 'api-key' ? auth.place : null;
  return [...(place !== null && 'query' in place ? [place.query] : []), ...Object.keys(sign?.query ?? {})];
}
