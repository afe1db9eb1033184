import { z } from 'zod';
import { idSchema } from '../http/schemas.ts';

export const imageReplySchema = z.object({ id: idSchema, url: z.string().meta({ format: 'uri' }) });

export type ImageReply = z.infer<typeof imageReplySchema>;
