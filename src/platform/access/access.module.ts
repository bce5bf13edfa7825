/** What decides who may ask: keys, and the recognition of callers. */
import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.js';
import { RecogniseCaller } from './recognise-caller.js';

@Module({ providers: [ApiKeys, RecogniseCaller], exports: [ApiKeys, RecogniseCaller] })
export class AccessModule {}
