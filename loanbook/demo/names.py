"""Made-up identities: names by how common they are, telephone and identity numbers that belong to nobody."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanbook.demo.columns import digits, fixed_text
from loanbook.demo.draw import Ints, pick

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"  # noqa: E501
_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂红梅琳雪慧颖洁莹婷倩欣怡悦佳琪瑶萱梦涵诗雨思晨晓月兰英华玉珍云莲凤春菊"
_MALE = "伟强磊军洋勇杰涛超明刚平辉鹏飞斌波宇浩凯健俊帆博文志建国庆海峰林龙成亮东旭昊然子轩梓睿泽一铭天佑新民"
_CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK_CHARACTERS = np.frombuffer(b"10X98765432", dtype=np.uint8)


def full_names(rng: np.random.Generator, female: npt.NDArray[np.bool_]) -> pa.Array:
    """A surname, common ones more often, and one or two characters fitting the gender."""
    rows = len(female)
    surname = pick(rng.random(rows), 1 / (np.arange(len(_SURNAMES)) + 4.0))
    given = [_given(rng, female), _given(rng, female)]
    second = pc.if_else(pa.array(rng.random(rows) < 0.22), "", given[1])
    return pc.binary_join_element_wise(pa.array(list(_SURNAMES)).take(pa.array(surname)), given[0], second, "")


def phones(rng: np.random.Generator, rows: int) -> pa.Array:
    """Mobile numbers of the 154 range, which no operator has been given."""
    return fixed_text(digits(15_400_000_000 + rng.integers(0, 100_000_000, rows), 11))


def id_numbers(rng: np.random.Generator, region: Ints, birth_year: Ints, female: npt.NDArray[np.bool_]) -> pa.Array:
    """Eighteen-digit identity numbers of a province's own code whose check character is wrong."""
    rows = len(region)
    born = birth_year * 10_000 + rng.integers(1, 13, rows) * 100 + rng.integers(1, 29, rows)
    order = rng.integers(0, 500, rows) * 2 + ~female
    body = np.concatenate([digits(region * 10_000, 6), digits(born, 8), digits(order, 3)], axis=1)
    right = ((body - ord("0")).astype(np.int64) * _CHECK_WEIGHTS).sum(axis=1) % 11
    wrong = _CHECK_CHARACTERS[(right + 1 + rng.integers(0, 10, rows)) % 11]
    return fixed_text(np.concatenate([body, wrong[:, None]], axis=1))


def _given(rng: np.random.Generator, female: npt.NDArray[np.bool_]) -> pa.Array:
    codes = np.where(
        female, rng.integers(0, len(_FEMALE), len(female)), len(_FEMALE) + rng.integers(0, len(_MALE), len(female))
    )
    return pa.array(list(_FEMALE + _MALE)).take(pa.array(codes))
