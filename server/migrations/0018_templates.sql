-- Sentences that staff say often, in the order in which they are offered.
CREATE TABLE answer_templates (
    position BIGINT PRIMARY KEY,
    -- The step it is offered for, by its code.
    step TEXT NOT NULL,
    words TEXT NOT NULL
);

INSERT INTO answer_templates (position, step, words) VALUES
    (0, 'fix', '已修复，谢谢您的反映。'),
    (1, 'fix', '已清理完毕，谢谢您的反映。'),
    (2, 'fix', '已设置警示并临时处置，后续会彻底修复。'),
    (3, 'decline', '现场查看后没有发现这个问题，如仍存在请补充照片再报。'),
    (4, 'decline', '这里不属于本区管辖，已转告负责的单位。'),
    (5, 'decline', '这个问题已有人反映，正在处理中。'),
    (6, 'decline', '照片里有他人的面部或车牌，请遮盖后重新上报。'),
    (7, 'note', '已联系相关单位，预计三个工作日内到场。');
